package message

var firstEnglish = first{
	reminder: Words{"Payment reminder, customer number {{ customer.number }}",
		"Dear {{ person.name | default: \"Sir or Madam\" }},\n\n" +
			"According to our books these items are past due on {{ today }}:\n\n" +
			listItems("{{ item.number }}, due {{ item.due }}: {{ item.open }}", "and {{ items_more }} more") + "\n" +
			sumBy("Total", "less your credit of", "Please pay", "by") + "\n" +
			"{% if sender.bank %}Where to pay:\n{{ sender.bank }}\n\n{% endif %}" +
			"Please give your customer number {{ customer.number }} with the payment. If you have paid meanwhile, please take no notice of this message. " +
			"If something about an item is not right, please tell us.\n\nKind regards\n{{ member.name }}"},
	reminderLetter: Words{"Payment reminder",
		"Dear {{ person.name | default: \"Sir or Madam\" }},\n\n" +
			"According to our books the items below are open, some of them past due.\n\n" +
			sumBy("Past due:", "less your credit of", "Please pay", "by") + "\n" +
			"If you have paid meanwhile, please take no notice of this letter. If something about an item is not right, please tell us.\n\n" +
			"Kind regards\n{{ member.name }}\n{{ sender.name }}"},
	copies: Words{"Copies of invoices, customer number {{ customer.number }}",
		"Dear {{ person.name | default: \"Sir or Madam\" }},\n\nAs you asked, the copies of these items are attached:\n\n" +
			listItems("{{ item.number }} of {{ item.issued }}: {{ item.amount }}", "and {{ items_more }} more") +
			"\nPlease tell us if anything is missing.\n\nKind regards\n{{ member.name }}"},
	copiesLetter: Words{"Copies of invoices",
		"Dear {{ person.name | default: \"Sir or Madam\" }},\n\nAs you asked, copies of these items are enclosed:\n\n" +
			listItems("{{ item.number }} of {{ item.issued }}: {{ item.amount }}", "and {{ items_more }} more") +
			"\nPlease tell us if anything is missing.\n\nKind regards\n{{ member.name }}\n{{ sender.name }}"},
	promised: Words{"Your promise to pay, customer number {{ customer.number }}",
		"Dear {{ person.name | default: \"Sir or Madam\" }},\n\nThank you for your promise to pay {{ promise.amount }}:\n\n" +
			listParts("{{ instalment.amount }} by {{ instalment.due }}") + "\n" +
			"{% if sender.bank %}Where to pay:\n{{ sender.bank }}\n\n{% endif %}" +
			"Please give your customer number {{ customer.number }} with the payment. If something comes in between, please tell us before the day.\n\nKind regards\n{{ member.name }}"},
	account: Words{"Statement of account, customer number {{ customer.number }}",
		"Dear {{ person.name | default: \"Sir or Madam\" }},\n\nThe statement of your account as of {{ today }} is attached.\n\n" +
			"Please compare it with your books and tell us if they differ.\n\nKind regards\n{{ member.name }}"},
	accountLetter: Words{"Statement of account",
		"Dear {{ person.name | default: \"Sir or Madam\" }},\n\nBelow is what was open on your account on {{ today }}.\n\n" +
			"Please compare it with your books and tell us if they differ.\n\nKind regards\n{{ member.name }}\n{{ sender.name }}"},
}
