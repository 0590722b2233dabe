package message

var remindersFrench = reminders{
	first: Words{"Rappel amical, numéro de client {{ customer.number }}",
		"{% if person.name %}Bonjour {{ person.name }},{% else %}Madame, Monsieur,{% endif %}\n\n" +
			"Il s’agit sans doute d’un oubli : les postes suivants sont échus et, au {{ today }}, votre paiement ne nous est pas parvenu.\n\n" +
			listItems("{{ item.number }}, échéance {{ item.due }} : {{ item.open }}", "et {{ items_more }} autres") + "\n" +
			sumBy("Total :", "moins votre avoir de", "Merci de régler", "au plus tard le") + "\n" +
			"{% if sender.bank %}Nos coordonnées bancaires :\n{{ sender.bank }}\n\n{% endif %}" +
			"Si votre paiement a croisé ce message, nous vous en remercions : vous n’avez rien d’autre à faire. " +
			"Si vous avez une question sur un poste, il vous suffit de répondre à cet e-mail.\n\nCordialement\n" + signsMail},
	second: Words{"Deuxième rappel, numéro de client {{ customer.number }}",
		"{% if person.name %}Bonjour {{ person.name }},{% else %}Madame, Monsieur,{% endif %}\n\n" +
			"Nous vous avons déjà écrit au sujet des postes suivants, qui restent impayés au {{ today }} :\n\n" +
			listItems("{{ item.number }}, échéance {{ item.due }} : {{ item.open }}", "et {{ items_more }} autres") + "\n" +
			sumBy("Total :", "moins votre avoir de", "Merci de régler", "au plus tard le") + "\n" +
			"{% if sender.bank %}Nos coordonnées bancaires :\n{{ sender.bank }}\n\n{% endif %}" +
			"Si vous ne pouvez pas payer pour le moment, ou si un poste n’est pas exact, merci de nous le dire dès maintenant, afin que nous trouvions une solution ensemble.\n\n" +
			"Cordialement\n" + signsMail},
	third: Words{"Troisième rappel",
		"{% if person.name %}Bonjour {{ person.name }},{% else %}Madame, Monsieur,{% endif %}\n\n" +
			"Malgré nos rappels, les postes échus ci-dessous ne sont toujours pas réglés.\n\n" +
			sumBy("Montant échu :", "moins votre avoir de", "Nous vous prions de régler", "au plus tard le") + "\n" +
			"Nous vous demandons de payer sans plus tarder. Si vous contestez un poste, merci de nous indiquer par écrit lequel et pourquoi. " +
			"Si vous ne pouvez pas tout régler en une fois, appelez-nous{% if sender.phone %} au {{ sender.phone }}{% endif %}.\n\n" +
			"Veuillez agréer nos salutations distinguées.\n" + signsLetter},
	last: Words{"Dernier rappel",
		"{% if person.name %}Bonjour {{ person.name }},{% else %}Madame, Monsieur,{% endif %}\n\n" +
			"Nous vous avons rappelé à plusieurs reprises les postes échus ci-dessous, sans recevoir de paiement. Ceci est notre dernier rappel.\n\n" +
			sumBy("Montant échu :", "moins votre avoir de", "Vous devez régler", "au plus tard le") + "\n" +
			"À défaut de règlement dans les délais, nous engagerons sans autre avis les démarches nécessaires au recouvrement de cette somme. " +
			"Des frais supplémentaires pourraient en résulter pour vous. Vous les éviterez en payant à temps.\n\n" +
			"Veuillez agréer nos salutations distinguées.\n" + signsLetter},
}
