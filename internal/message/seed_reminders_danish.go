package message

var remindersDanish = reminders{
	first: Words{"Venlig påmindelse, kundenummer {{ customer.number }}",
		"Kære {{ person.name | default: customer.name }}\n\n" +
			"Måske er det smuttet: Følgende poster er forfaldne, og pr. {{ today }} har vi ikke modtaget betalingen.\n\n" +
			listItems("{{ item.number }}, forfald {{ item.due }}: {{ item.open }}", "og {{ items_more }} mere") + "\n" +
			sumBy("I alt", "minus jeres tilgodehavende på", "Betal venligst", "senest den") + "\n" +
			"{% if sender.bank %}Betaling sker til:\n{{ sender.bank }}\n\n{% endif %}" +
			"Har betalingen krydset denne besked, siger vi tak; så skal der ikke gøres mere. " +
			"Er der spørgsmål til en post, så svar blot på denne e-mail.\n\nVenlig hilsen\n" + signsMail},
	second: Words{"Anden påmindelse, kundenummer {{ customer.number }}",
		"Kære {{ person.name | default: customer.name }}\n\n" +
			"Vi har allerede skrevet om følgende poster, og pr. {{ today }} er de stadig ikke betalt:\n\n" +
			listItems("{{ item.number }}, forfald {{ item.due }}: {{ item.open }}", "og {{ items_more }} mere") + "\n" +
			sumBy("I alt", "minus jeres tilgodehavende på", "Betal venligst", "senest den") + "\n" +
			"{% if sender.bank %}Betaling sker til:\n{{ sender.bank }}\n\n{% endif %}" +
			"Kan beløbet ikke betales lige nu, eller er der noget galt med en post, så kontakt os nu, så vi kan finde en løsning sammen.\n\n" +
			"Venlig hilsen\n" + signsMail},
	third: Words{"Rykker",
		"Kære {{ person.name | default: customer.name }}\n\n" +
			"Trods vores påmindelser er de forfaldne poster nedenfor endnu ikke betalt.\n\n" +
			sumBy("Forfaldent:", "minus jeres tilgodehavende på", "Betal venligst", "senest den") + "\n" +
			"Vi beder om betaling uden yderligere forsinkelse. Hvis en post bestrides, så oplys os venligst skriftligt om, hvilken og hvorfor. " +
			"Kan det hele ikke betales på én gang, så ring til os{% if sender.phone %} på {{ sender.phone }}{% endif %}.\n\n" +
			"Venlig hilsen\n" + signsLetter},
	last: Words{"Sidste rykker",
		"Kære {{ person.name | default: customer.name }}\n\n" +
			"Vi har flere gange rykket for de forfaldne poster nedenfor og har ikke modtaget nogen betaling. Dette er vores sidste rykker.\n\n" +
			sumBy("Forfaldent:", "minus jeres tilgodehavende på", "Betal", "senest den") + "\n" +
			"Modtager vi ikke beløbet rettidigt, tager vi uden yderligere varsel de skridt, der er nødvendige for at inddrive det. " +
			"Det kan medføre yderligere omkostninger, som undgås ved at betale til tiden.\n\n" +
			"Venlig hilsen\n" + signsLetter},
}
