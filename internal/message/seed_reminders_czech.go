package message

var remindersCzech = reminders{
	first: Words{"Přátelské připomenutí platby, zákaznické číslo {{ customer.number }}",
		"Dobrý den,\n\nmožná Vám to jen uniklo: následující položky jsou po splatnosti a ke dni {{ today }} jsme jejich úhradu neobdrželi.\n\n" +
			listItems("{{ item.number }}, splatnost {{ item.due }}: {{ item.open }}", "a další (celkem {{ items_more }})") + "\n" +
			sumBy("Celkem", "po odečtení Vašeho přeplatku", "Prosíme o úhradu částky", "do") + "\n" +
			"{% if sender.bank %}Bankovní spojení:\n{{ sender.bank }}\n\n{% endif %}" +
			"Pokud jste mezitím zaplatili, děkujeme a nic dalšího není třeba. " +
			"Máte-li k některé položce dotaz, stačí odpovědět na tento e-mail.\n\nS pozdravem\n" + signsMail},
	second: Words{"Druhá upomínka, zákaznické číslo {{ customer.number }}",
		"Dobrý den,\n\no následujících položkách jsme Vám již psali a ke dni {{ today }} stále nejsou uhrazeny:\n\n" +
			listItems("{{ item.number }}, splatnost {{ item.due }}: {{ item.open }}", "a další (celkem {{ items_more }})") + "\n" +
			sumBy("Celkem", "po odečtení Vašeho přeplatku", "Prosíme o úhradu částky", "do") + "\n" +
			"{% if sender.bank %}Bankovní spojení:\n{{ sender.bank }}\n\n{% endif %}" +
			"Pokud nyní nemůžete zaplatit nebo u některé položky něco nesouhlasí, ozvěte se nám prosím hned, abychom společně našli řešení.\n\n" +
			"S pozdravem\n" + signsMail},
	third: Words{"Třetí upomínka",
		"Vážená paní, vážený pane,\n\nnavzdory našim upomínkám nejsou níže uvedené položky po splatnosti dosud uhrazeny.\n\n" +
			sumBy("Po splatnosti:", "po odečtení Vašeho přeplatku", "Uhraďte prosím částku", "do") + "\n" +
			"Žádáme Vás o úhradu bez dalšího odkladu. Pokud některou položku neuznáváte, sdělte nám prosím písemně kterou a z jakého důvodu. " +
			"Nemůžete-li zaplatit vše najednou, zavolejte nám{% if sender.phone %} na číslo {{ sender.phone }}{% endif %}.\n\n" +
			"S pozdravem\n" + signsLetter},
	last: Words{"Poslední upomínka",
		"Vážená paní, vážený pane,\n\nopakovaně jsme Vás upomínali o úhradu níže uvedených položek po splatnosti a platbu jsme neobdrželi. Toto je naše poslední upomínka.\n\n" +
			sumBy("Po splatnosti:", "po odečtení Vašeho přeplatku", "Uhraďte částku", "do") + "\n" +
			"Pokud tuto částku včas neobdržíme, podnikneme bez dalšího upozornění kroky potřebné k jejímu vymožení. " +
			"Tím Vám mohou vzniknout další náklady. Předejdete tomu včasnou úhradou.\n\n" +
			"S pozdravem\n" + signsLetter},
}
