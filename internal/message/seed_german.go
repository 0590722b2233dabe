package message

var firstGerman = first{
	reminder: Words{"Zahlungserinnerung, Kundennummer {{ customer.number }}",
		"{% if person.name %}Guten Tag {{ person.name }},{% else %}Sehr geehrte Damen und Herren,{% endif %}\n\n" +
			"nach unseren Unterlagen sind am {{ today }} folgende Posten überfällig:\n\n" +
			listItems("{{ item.number }}, fällig am {{ item.due }}: {{ item.open }}", "und {{ items_more }} weitere") + "\n" +
			sumBy("Summe", "abzüglich Ihres Guthabens von", "Bitte zahlen Sie", "bis zum") + "\n" +
			"{% if sender.bank %}Unsere Bankverbindung:\n{{ sender.bank }}\n\n{% endif %}" +
			"Bitte geben Sie bei der Zahlung Ihre Kundennummer {{ customer.number }} an. Sollten Sie inzwischen gezahlt haben, betrachten Sie diese Nachricht bitte als gegenstandslos. " +
			"Wenn an einem Posten etwas nicht stimmt, sagen Sie es uns bitte.\n\nMit freundlichen Grüßen\n{{ member.name }}"},
	reminderLetter: Words{"Zahlungserinnerung",
		"{% if person.name %}Guten Tag {{ person.name }},{% else %}Sehr geehrte Damen und Herren,{% endif %}\n\n" +
			"nach unseren Unterlagen sind die unten aufgeführten Posten offen und zum Teil überfällig.\n\n" +
			sumBy("Überfällig:", "abzüglich Ihres Guthabens von", "Bitte zahlen Sie", "bis zum") + "\n" +
			"Sollten Sie inzwischen gezahlt haben, betrachten Sie dieses Schreiben bitte als gegenstandslos. Wenn an einem Posten etwas nicht stimmt, sagen Sie es uns bitte.\n\n" +
			"Mit freundlichen Grüßen\n{{ member.name }}\n{{ sender.name }}"},
	copies: Words{"Rechnungskopien, Kundennummer {{ customer.number }}",
		"{% if person.name %}Guten Tag {{ person.name }},{% else %}Sehr geehrte Damen und Herren,{% endif %}\n\nwie gewünscht erhalten Sie anbei Kopien zu folgenden Posten:\n\n" +
			listItems("{{ item.number }} vom {{ item.issued }}: {{ item.amount }}", "und {{ items_more }} weitere") +
			"\nBitte sagen Sie uns, wenn etwas fehlt.\n\nMit freundlichen Grüßen\n{{ member.name }}"},
	copiesLetter: Words{"Rechnungskopien",
		"{% if person.name %}Guten Tag {{ person.name }},{% else %}Sehr geehrte Damen und Herren,{% endif %}\n\nwie gewünscht liegen diesem Schreiben Kopien zu folgenden Posten bei:\n\n" +
			listItems("{{ item.number }} vom {{ item.issued }}: {{ item.amount }}", "und {{ items_more }} weitere") +
			"\nBitte sagen Sie uns, wenn etwas fehlt.\n\nMit freundlichen Grüßen\n{{ member.name }}\n{{ sender.name }}"},
	promised: Words{"Ihre Zahlungszusage, Kundennummer {{ customer.number }}",
		"{% if person.name %}Guten Tag {{ person.name }},{% else %}Sehr geehrte Damen und Herren,{% endif %}\n\nvielen Dank für Ihre Zusage, {{ promise.amount }} zu zahlen:\n\n" +
			listParts("{{ instalment.amount }} bis {{ instalment.due }}") + "\n" +
			"{% if sender.bank %}Unsere Bankverbindung:\n{{ sender.bank }}\n\n{% endif %}" +
			"Bitte geben Sie bei der Zahlung Ihre Kundennummer {{ customer.number }} an. Wenn etwas dazwischenkommt, sagen Sie es uns bitte vor dem Termin.\n\nMit freundlichen Grüßen\n{{ member.name }}"},
	account: Words{"Kontoauszug, Kundennummer {{ customer.number }}",
		"{% if person.name %}Guten Tag {{ person.name }},{% else %}Sehr geehrte Damen und Herren,{% endif %}\n\nanbei erhalten Sie den Auszug Ihres Kontos zum {{ today }}.\n\n" +
			"Bitte vergleichen Sie ihn mit Ihren Büchern und sagen Sie uns, wenn sie voneinander abweichen.\n\nMit freundlichen Grüßen\n{{ member.name }}"},
	accountLetter: Words{"Kontoauszug",
		"{% if person.name %}Guten Tag {{ person.name }},{% else %}Sehr geehrte Damen und Herren,{% endif %}\n\nunten sehen Sie, was am {{ today }} auf Ihrem Konto offen war.\n\n" +
			"Bitte vergleichen Sie es mit Ihren Büchern und sagen Sie uns, wenn sie voneinander abweichen.\n\nMit freundlichen Grüßen\n{{ member.name }}\n{{ sender.name }}"},
}
