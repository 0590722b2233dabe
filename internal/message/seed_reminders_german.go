package message

var remindersGerman = reminders{
	first: Words{"Freundliche Zahlungserinnerung, Kundennummer {{ customer.number }}",
		"{% if person.name %}Guten Tag {{ person.name }},{% else %}Sehr geehrte Damen und Herren,{% endif %}\n\n" +
			"vielleicht ist es Ihrer Aufmerksamkeit entgangen: Die folgenden Posten sind fällig, und bis zum {{ today }} konnten wir keinen Zahlungseingang feststellen.\n\n" +
			listItems("{{ item.number }}, fällig am {{ item.due }}: {{ item.open }}", "und {{ items_more }} weitere") + "\n" +
			sumBy("Summe", "abzüglich Ihres Guthabens von", "Bitte zahlen Sie", "bis zum") + "\n" +
			"{% if sender.bank %}Unsere Bankverbindung:\n{{ sender.bank }}\n\n{% endif %}" +
			"Sollte sich Ihre Zahlung mit dieser Nachricht überschnitten haben, danken wir Ihnen; dann ist nichts weiter zu tun. " +
			"Wenn Sie eine Frage zu einem Posten haben, antworten Sie einfach auf diese E-Mail.\n\nMit freundlichen Grüßen\n" + signsMail},
	second: Words{"Zweite Zahlungserinnerung, Kundennummer {{ customer.number }}",
		"{% if person.name %}Guten Tag {{ person.name }},{% else %}Sehr geehrte Damen und Herren,{% endif %}\n\n" +
			"an die folgenden Posten haben wir Sie bereits erinnert. Am {{ today }} sind sie noch immer nicht bezahlt:\n\n" +
			listItems("{{ item.number }}, fällig am {{ item.due }}: {{ item.open }}", "und {{ items_more }} weitere") + "\n" +
			sumBy("Summe", "abzüglich Ihres Guthabens von", "Bitte zahlen Sie", "bis zum") + "\n" +
			"{% if sender.bank %}Unsere Bankverbindung:\n{{ sender.bank }}\n\n{% endif %}" +
			"Wenn Sie zurzeit nicht zahlen können oder an einem Posten etwas nicht stimmt, melden Sie sich bitte jetzt, damit wir gemeinsam eine Lösung finden.\n\n" +
			"Mit freundlichen Grüßen\n" + signsMail},
	third: Words{"Mahnung",
		"{% if person.name %}Guten Tag {{ person.name }},{% else %}Sehr geehrte Damen und Herren,{% endif %}\n\n" +
			"trotz unserer Erinnerungen sind die unten aufgeführten fälligen Posten noch nicht bezahlt.\n\n" +
			sumBy("Überfällig:", "abzüglich Ihres Guthabens von", "Zahlen Sie bitte", "bis zum") + "\n" +
			"Wir fordern Sie auf, ohne weiteren Verzug zu zahlen. Wenn Sie einen Posten bestreiten, teilen Sie uns bitte schriftlich mit, welchen und warum. " +
			"Wenn Sie nicht alles auf einmal zahlen können, rufen Sie uns an{% if sender.phone %}: {{ sender.phone }}{% endif %}.\n\n" +
			"Mit freundlichen Grüßen\n" + signsLetter},
	last: Words{"Letzte Mahnung",
		"{% if person.name %}Guten Tag {{ person.name }},{% else %}Sehr geehrte Damen und Herren,{% endif %}\n\n" +
			"wir haben Sie mehrfach an die unten aufgeführten fälligen Posten erinnert und keine Zahlung erhalten. Dies ist unsere letzte Mahnung.\n\n" +
			sumBy("Überfällig:", "abzüglich Ihres Guthabens von", "Zahlen Sie", "bis zum") + "\n" +
			"Geht dieser Betrag nicht rechtzeitig ein, werden wir ohne weitere Ankündigung die Schritte einleiten, die nötig sind, um ihn einzuziehen. " +
			"Dadurch können Ihnen weitere Kosten entstehen. Sie vermeiden das, indem Sie rechtzeitig zahlen.\n\n" +
			"Mit freundlichen Grüßen\n" + signsLetter},
}
