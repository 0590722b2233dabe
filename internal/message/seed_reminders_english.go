package message

var remindersEnglish = reminders{
	first: Words{"A friendly reminder, customer number {{ customer.number }}",
		"Dear {{ person.name | default: \"Sir or Madam\" }},\n\n" +
			"Perhaps it escaped your notice: these items have fallen due, and by {{ today }} we have not seen your payment.\n\n" +
			listItems("{{ item.number }}, due {{ item.due }}: {{ item.open }}", "and {{ items_more }} more") + "\n" +
			sumBy("Total", "less your credit of", "Please pay", "by") + "\n" +
			"{% if sender.bank %}Where to pay:\n{{ sender.bank }}\n\n{% endif %}" +
			"If your payment has crossed with this message, thank you: there is nothing more to do. " +
			"If you have a question about an item, just answer this e-mail.\n\nKind regards\n" + signsMail},
	second: Words{"Second reminder, customer number {{ customer.number }}",
		"Dear {{ person.name | default: \"Sir or Madam\" }},\n\n" +
			"We have written to you about these items, and on {{ today }} they are still not paid:\n\n" +
			listItems("{{ item.number }}, due {{ item.due }}: {{ item.open }}", "and {{ items_more }} more") + "\n" +
			sumBy("Total", "less your credit of", "Please pay", "by") + "\n" +
			"{% if sender.bank %}Where to pay:\n{{ sender.bank }}\n\n{% endif %}" +
			"If you cannot pay at the moment, or if something about an item is not right, please tell us now, so that we can find a solution together.\n\n" +
			"Kind regards\n" + signsMail},
	third: Words{"Third reminder",
		"Dear {{ person.name | default: \"Sir or Madam\" }},\n\n" +
			"In spite of our reminders, the items below that are past due have not been paid.\n\n" +
			sumBy("Past due:", "less your credit of", "Pay", "by") + "\n" +
			"We ask you to pay without further delay. If you dispute an item, please tell us in writing which one and why. " +
			"If you cannot pay all of it at once, call us{% if sender.phone %} on {{ sender.phone }}{% endif %}.\n\n" +
			"Yours faithfully\n" + signsLetter},
	last: Words{"Final notice",
		"Dear {{ person.name | default: \"Sir or Madam\" }},\n\n" +
			"We have reminded you several times of the items below that are past due, and have received no payment. This is our last reminder.\n\n" +
			sumBy("Past due:", "less your credit of", "Pay", "by") + "\n" +
			"If we do not receive this amount in time, we will take the steps that are needed to recover it, without writing to you again. " +
			"This may cause you further costs. You avoid it by paying in time.\n\n" +
			"Yours faithfully\n" + signsLetter},
}
