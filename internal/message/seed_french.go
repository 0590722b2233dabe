package message

var firstFrench = first{
	reminder: Words{"Rappel de paiement, numéro de client {{ customer.number }}",
		"{% if person.name %}Bonjour {{ person.name }},{% else %}Madame, Monsieur,{% endif %}\n\n" +
			"D’après nos écritures, les postes suivants sont échus au {{ today }} :\n\n" +
			listItems("{{ item.number }}, échéance {{ item.due }} : {{ item.open }}", "et {{ items_more }} autres") + "\n" +
			sumBy("Total :", "moins votre avoir de", "Merci de régler", "au plus tard le") + "\n" +
			"{% if sender.bank %}Nos coordonnées bancaires :\n{{ sender.bank }}\n\n{% endif %}" +
			"Merci d’indiquer votre numéro de client {{ customer.number }} lors du paiement. Si vous avez payé entre-temps, veuillez ne pas tenir compte de ce message. " +
			"Si quelque chose n’est pas exact, merci de nous le dire.\n\nCordialement\n{{ member.name }}"},
	reminderLetter: Words{"Rappel de paiement",
		"{% if person.name %}Bonjour {{ person.name }},{% else %}Madame, Monsieur,{% endif %}\n\n" +
			"D’après nos écritures, les postes ci-dessous sont ouverts, et une partie est échue.\n\n" +
			sumBy("Montant échu :", "moins votre avoir de", "Merci de régler", "au plus tard le") + "\n" +
			"Si vous avez payé entre-temps, veuillez ne pas tenir compte de cette lettre. Si quelque chose n’est pas exact, merci de nous le dire.\n\n" +
			"Veuillez agréer nos salutations distinguées.\n{{ member.name }}\n{{ sender.name }}"},
	copies: Words{"Copies de factures, numéro de client {{ customer.number }}",
		"{% if person.name %}Bonjour {{ person.name }},{% else %}Madame, Monsieur,{% endif %}\n\nComme demandé, vous trouverez ci-joint les copies des postes suivants :\n\n" +
			listItems("{{ item.number }} du {{ item.issued }} : {{ item.amount }}", "et {{ items_more }} autres") +
			"\nMerci de nous dire s’il manque quelque chose.\n\nCordialement\n{{ member.name }}"},
	copiesLetter: Words{"Copies de factures",
		"{% if person.name %}Bonjour {{ person.name }},{% else %}Madame, Monsieur,{% endif %}\n\nComme demandé, nous joignons à cette lettre les copies des postes suivants :\n\n" +
			listItems("{{ item.number }} du {{ item.issued }} : {{ item.amount }}", "et {{ items_more }} autres") +
			"\nMerci de nous dire s’il manque quelque chose.\n\nVeuillez agréer nos salutations distinguées.\n{{ member.name }}\n{{ sender.name }}"},
	promised: Words{"Votre promesse de paiement, numéro de client {{ customer.number }}",
		"{% if person.name %}Bonjour {{ person.name }},{% else %}Madame, Monsieur,{% endif %}\n\nMerci de votre promesse de payer {{ promise.amount }} :\n\n" +
			listParts("{{ instalment.amount }} au plus tard le {{ instalment.due }}") + "\n" +
			"{% if sender.bank %}Nos coordonnées bancaires :\n{{ sender.bank }}\n\n{% endif %}" +
			"Merci d’indiquer votre numéro de client {{ customer.number }} lors du paiement. En cas d’empêchement, merci de nous le dire avant cette date.\n\nCordialement\n{{ member.name }}"},
	account: Words{"Relevé de compte, numéro de client {{ customer.number }}",
		"{% if person.name %}Bonjour {{ person.name }},{% else %}Madame, Monsieur,{% endif %}\n\nVous trouverez ci-joint le relevé de votre compte au {{ today }}.\n\n" +
			"Merci de le comparer à vos livres et de nous signaler toute différence.\n\nCordialement\n{{ member.name }}"},
	accountLetter: Words{"Relevé de compte",
		"{% if person.name %}Bonjour {{ person.name }},{% else %}Madame, Monsieur,{% endif %}\n\nVous trouverez ci-dessous ce qui était ouvert sur votre compte au {{ today }}.\n\n" +
			"Merci de le comparer à vos livres et de nous signaler toute différence.\n\nVeuillez agréer nos salutations distinguées.\n{{ member.name }}\n{{ sender.name }}"},
}
