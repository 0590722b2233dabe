package message

var firstDanish = first{
	reminder: Words{"Betalingspåmindelse, kundenummer {{ customer.number }}",
		"Kære {{ person.name | default: customer.name }}\n\n" +
			"Ifølge vores bogføring er følgende poster forfaldne pr. {{ today }}:\n\n" +
			listItems("{{ item.number }}, forfald {{ item.due }}: {{ item.open }}", "og {{ items_more }} mere") + "\n" +
			sumBy("I alt", "minus jeres tilgodehavende på", "Betal venligst", "senest den") + "\n" +
			"{% if sender.bank %}Betaling sker til:\n{{ sender.bank }}\n\n{% endif %}" +
			"Oplys venligst kundenummer {{ customer.number }} ved betalingen. Er beløbet betalt i mellemtiden, kan der ses bort fra denne besked. " +
			"Er der noget galt med en post, så giv os venligst besked.\n\nVenlig hilsen\n{{ member.name }}"},
	reminderLetter: Words{"Betalingspåmindelse",
		"Kære {{ person.name | default: customer.name }}\n\n" +
			"Ifølge vores bogføring er posterne nedenfor åbne, og nogle af dem er forfaldne.\n\n" +
			sumBy("Forfaldent:", "minus jeres tilgodehavende på", "Betal venligst", "senest den") + "\n" +
			"Er beløbet betalt i mellemtiden, kan der ses bort fra dette brev. Er der noget galt med en post, så giv os venligst besked.\n\n" +
			"Venlig hilsen\n{{ member.name }}\n{{ sender.name }}"},
	copies: Words{"Fakturakopier, kundenummer {{ customer.number }}",
		"Kære {{ person.name | default: customer.name }}\n\nSom ønsket vedhæftes kopier af følgende poster:\n\n" +
			listItems("{{ item.number }} af {{ item.issued }}: {{ item.amount }}", "og {{ items_more }} mere") +
			"\nGiv os venligst besked, hvis der mangler noget.\n\nVenlig hilsen\n{{ member.name }}"},
	copiesLetter: Words{"Fakturakopier",
		"Kære {{ person.name | default: customer.name }}\n\nSom ønsket vedlægges kopier af følgende poster:\n\n" +
			listItems("{{ item.number }} af {{ item.issued }}: {{ item.amount }}", "og {{ items_more }} mere") +
			"\nGiv os venligst besked, hvis der mangler noget.\n\nVenlig hilsen\n{{ member.name }}\n{{ sender.name }}"},
	promised: Words{"Jeres betalingsløfte, kundenummer {{ customer.number }}",
		"Kære {{ person.name | default: customer.name }}\n\nTak for løftet om at betale {{ promise.amount }}:\n\n" +
			listParts("{{ instalment.amount }} senest {{ instalment.due }}") + "\n" +
			"{% if sender.bank %}Betaling sker til:\n{{ sender.bank }}\n\n{% endif %}" +
			"Oplys venligst kundenummer {{ customer.number }} ved betalingen. Kommer der noget i vejen, så giv os venligst besked inden dagen.\n\nVenlig hilsen\n{{ member.name }}"},
	account: Words{"Kontoudtog, kundenummer {{ customer.number }}",
		"Kære {{ person.name | default: customer.name }}\n\nVedhæftet er kontoudtoget pr. {{ today }}.\n\n" +
			"Sammenlign det venligst med jeres egen bogføring, og giv os besked, hvis der er forskel.\n\nVenlig hilsen\n{{ member.name }}"},
	accountLetter: Words{"Kontoudtog",
		"Kære {{ person.name | default: customer.name }}\n\nNedenfor ses, hvad der var åbent på kontoen den {{ today }}.\n\n" +
			"Sammenlign det venligst med jeres egen bogføring, og giv os besked, hvis der er forskel.\n\nVenlig hilsen\n{{ member.name }}\n{{ sender.name }}"},
}
