package message

var firstCzech = first{
	reminder: Words{"Upomínka, zákaznické číslo {{ customer.number }}",
		"Dobrý den,\n\npodle našich záznamů jsou ke dni {{ today }} po splatnosti tyto položky:\n\n" +
			listItems("{{ item.number }}, splatnost {{ item.due }}: {{ item.open }}", "a další (celkem {{ items_more }})") + "\n" +
			sumBy("Celkem", "po odečtení Vašeho přeplatku", "Prosíme o úhradu částky", "do") + "\n" +
			"{% if sender.bank %}Bankovní spojení:\n{{ sender.bank }}\n\n{% endif %}" +
			"Při platbě prosím uveďte zákaznické číslo {{ customer.number }}. Pokud jste mezitím zaplatili, považujte tuto zprávu za bezpředmětnou. " +
			"Pokud u některé položky něco nesouhlasí, dejte nám prosím vědět.\n\nS pozdravem\n{{ member.name }}"},
	reminderLetter: Words{"Upomínka",
		"Vážená paní, vážený pane,\n\npodle našich záznamů nejsou uhrazeny níže uvedené položky a některé z nich jsou po splatnosti.\n\n" +
			sumBy("Po splatnosti:", "po odečtení Vašeho přeplatku", "Prosíme o úhradu částky", "do") + "\n" +
			"Pokud jste mezitím zaplatili, považujte tento dopis za bezpředmětný. Pokud u některé položky něco nesouhlasí, dejte nám prosím vědět.\n\n" +
			"S pozdravem\n{{ member.name }}\n{{ sender.name }}"},
	copies: Words{"Kopie faktur, zákaznické číslo {{ customer.number }}",
		"Dobrý den,\n\npodle Vašeho přání posíláme v příloze kopie těchto položek:\n\n" +
			listItems("{{ item.number }} ze dne {{ item.issued }}: {{ item.amount }}", "a další (celkem {{ items_more }})") +
			"\nPokud něco chybí, dejte nám prosím vědět.\n\nS pozdravem\n{{ member.name }}"},
	copiesLetter: Words{"Kopie faktur",
		"Vážená paní, vážený pane,\n\npodle Vašeho přání přikládáme kopie těchto položek:\n\n" +
			listItems("{{ item.number }} ze dne {{ item.issued }}: {{ item.amount }}", "a další (celkem {{ items_more }})") +
			"\nPokud něco chybí, dejte nám prosím vědět.\n\nS pozdravem\n{{ member.name }}\n{{ sender.name }}"},
	promised: Words{"Váš příslib platby, zákaznické číslo {{ customer.number }}",
		"Dobrý den,\n\nděkujeme za Váš příslib zaplatit {{ promise.amount }}:\n\n" +
			listParts("{{ instalment.amount }} do {{ instalment.due }}") + "\n" +
			"{% if sender.bank %}Bankovní spojení:\n{{ sender.bank }}\n\n{% endif %}" +
			"Při platbě prosím uveďte zákaznické číslo {{ customer.number }}. Pokud do toho něco přijde, dejte nám prosím vědět před tímto dnem.\n\nS pozdravem\n{{ member.name }}"},
	account: Words{"Přehled pohledávek, zákaznické číslo {{ customer.number }}",
		"Dobrý den,\n\nv příloze posíláme přehled pohledávek ke dni {{ today }}.\n\n" +
			"Porovnejte to prosím se svými záznamy a dejte nám vědět, pokud se liší.\n\nS pozdravem\n{{ member.name }}"},
	accountLetter: Words{"Přehled pohledávek",
		"Vážená paní, vážený pane,\n\nníže uvádíme, co bylo ke dni {{ today }} neuhrazeno.\n\n" +
			"Porovnejte to prosím se svými záznamy a dejte nám vědět, pokud se liší.\n\nS pozdravem\n{{ member.name }}\n{{ sender.name }}"},
}
