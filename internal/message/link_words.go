package message

// linkWords are the messages that carry a link, by language. The subject names
// the company; the body the person, the company and the link.
var linkWords = map[string]map[Link]Words{
	"en": {
		LinkFirst: {"Your sign-in at %s", "Hello %[1]s,\n\n%[2]s has let you in. Open this link and choose your password:\n\n%[3]s\n\n" +
			"It works once, for seven days. If it no longer works, ask your administrator for another."},
		LinkReset: {"A new password for %s", "Hello %[1]s,\n\nsomebody asked for a new password for your account at %[2]s. If it was you, open this link and choose one:\n\n%[3]s\n\n" +
			"It works once, for one hour. If it was not you, do nothing: your password stays as it is."},
	},
	"cs": {
		LinkFirst: {"Vaše přihlášení – %s", "Dobrý den, %[1]s,\n\nspolečnost %[2]s Vám otevřela přístup. Otevřete tento odkaz a zvolte si heslo:\n\n%[3]s\n\n" +
			"Odkaz funguje jednou, po dobu sedmi dnů. Pokud již nefunguje, požádejte svého správce o nový."},
		LinkReset: {"Nové heslo – %s", "Dobrý den, %[1]s,\n\nněkdo požádal o nové heslo k Vašemu účtu u společnosti %[2]s. Pokud jste to byli Vy, otevřete tento odkaz a zvolte si nové:\n\n%[3]s\n\n" +
			"Odkaz funguje jednou, po dobu jedné hodiny. Pokud jste o nic nežádali, nedělejte nic: Vaše heslo se nemění."},
	},
	"da": {
		LinkFirst: {"Din adgang hos %s", "Hej %[1]s\n\n%[2]s har givet dig adgang. Åbn dette link, og vælg din adgangskode:\n\n%[3]s\n\n" +
			"Linket virker én gang og i syv dage. Virker det ikke længere, så bed din administrator om et nyt."},
		LinkReset: {"Ny adgangskode hos %s", "Hej %[1]s\n\nNogen har bedt om en ny adgangskode til din konto hos %[2]s. Hvis det var dig, så åbn dette link, og vælg en:\n\n%[3]s\n\n" +
			"Linket virker én gang og i en time. Hvis det ikke var dig, skal du ikke gøre noget: Din adgangskode forbliver den samme."},
	},
	"de": {
		LinkFirst: {"Ihr Zugang bei %s", "Guten Tag %[1]s,\n\n%[2]s hat Ihnen Zugang gegeben. Öffnen Sie diesen Link und wählen Sie Ihr Passwort:\n\n%[3]s\n\n" +
			"Er gilt einmal und sieben Tage lang. Gilt er nicht mehr, bitten Sie Ihre Administration um einen neuen."},
		LinkReset: {"Neues Passwort bei %s", "Guten Tag %[1]s,\n\njemand hat ein neues Passwort für Ihr Konto bei %[2]s verlangt. Waren Sie es selbst, öffnen Sie diesen Link und wählen Sie eines:\n\n%[3]s\n\n" +
			"Er gilt einmal und eine Stunde lang. Waren Sie es nicht, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist."},
	},
	"fr": {
		LinkFirst: {"Votre accès chez %s", "Bonjour %[1]s,\n\n%[2]s vous a ouvert un accès. Ouvrez ce lien et choisissez votre mot de passe :\n\n%[3]s\n\n" +
			"Il fonctionne une seule fois, pendant sept jours. S’il ne fonctionne plus, demandez-en un autre à votre administrateur."},
		LinkReset: {"Nouveau mot de passe chez %s", "Bonjour %[1]s,\n\nquelqu’un a demandé un nouveau mot de passe pour votre compte chez %[2]s. Si c’était vous, ouvrez ce lien et choisissez-en un :\n\n%[3]s\n\n" +
			"Il fonctionne une seule fois, pendant une heure. Si ce n’était pas vous, ne faites rien : votre mot de passe reste le même."},
	},
}
