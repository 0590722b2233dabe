package demo

import "dunwell/internal/money"

// country is what names, addresses and amounts of one country are made of.
type country struct {
	code, language string
	currency       money.Currency
	branch         string
	cities         []city
	streets        []string // # becomes a digit of the house number
	men, women     []string
	families       []string
	womens         []string // families as women bear them, where that differs
	places         []string // what companies call themselves after
	trades         []string
	forms          []string
}

// city has its postal codes as a pattern: # is a digit, @ a letter.
type city struct{ name, postal, region string }

var germany = &country{
	code: "DE", language: "de", currency: "EUR", branch: Hamburg,
	cities: []city{
		{name: "Hamburg", postal: "20#5#"}, {name: "Bremen", postal: "282##"}, {name: "Kiel", postal: "241##"},
		{name: "Hannover", postal: "301##"}, {name: "Leipzig", postal: "041##"}, {name: "Köln", postal: "506##"},
		{name: "Nürnberg", postal: "904##"}, {name: "Lübeck", postal: "235##"}, {name: "Rostock", postal: "180##"},
	},
	streets: []string{"Lindenstraße #", "Am Alten Hafen 1#", "Mühlenweg 2#", "Bahnhofstraße 4#", "Gartenstraße #", "Kirchgasse 1#", "Speicherstraße 3#", "Ringstraße 5#"},
	men:     []string{"Jens", "Matthias", "Uwe", "Thorsten", "Lukas", "Stefan", "Henrik", "Karl-Heinz", "Jürgen"},
	women:   []string{"Sabine", "Heike", "Anja", "Greta", "Ursula", "Britta", "Katharina", "Jördis"},
	families: []string{"Brandt", "Petersen", "Krüger", "Wehmeyer", "Schröder", "Lüders", "Vogel", "Hartmann", "Böttcher", "Kruse",
		"Reimers", "Sievers", "Weiß", "Behrens", "Thomsen", "Öhlschläger"},
	places: []string{"Weser", "Alster", "Elbtal", "Nordlicht", "Harz", "Heide", "Ostsee", "Wattenmeer", "Holstein", "Vierlande"},
	trades: []string{"Spedition", "Maschinenbau", "Dachtechnik", "Fensterbau", "Elektrotechnik", "Stahlhandel", "Druckerei", "Kühltransporte", "Gartenbau", "Bäckerei"},
	forms:  []string{"GmbH", "GmbH & Co. KG", "AG", "OHG", "e. K."},
}

var austria = &country{
	code: "AT", language: "de", currency: "EUR", branch: Prague,
	cities:   []city{{name: "Wien", postal: "10#0"}, {name: "Linz", postal: "40#0"}, {name: "Graz", postal: "80#0"}, {name: "Salzburg", postal: "50#0"}},
	streets:  []string{"Wiener Straße 1#", "Hauptplatz #", "Mozartgasse 2#", "Feldweg #"},
	men:      []string{"Florian", "Andreas", "Franz", "Maximilian", "Alois"},
	women:    []string{"Johanna", "Magdalena", "Elfriede", "Theresa"},
	families: []string{"Huber", "Gruber", "Steinlechner", "Moser", "Pichler", "Wagner", "Hölzl", "Eder"},
	places:   []string{"Tauern", "Donau", "Wachau", "Dachstein", "Steirer"},
	trades:   []string{"Holzbau", "Installationen", "Metallbau", "Tischlerei", "Logistik"},
	forms:    []string{"GmbH", "KG", "GesbR"},
}

var netherlands = &country{
	code: "NL", language: "nl", currency: "EUR", branch: Hamburg,
	cities:   []city{{name: "Rotterdam", postal: "30## @@"}, {name: "Groningen", postal: "97## @@"}, {name: "Utrecht", postal: "35## @@"}, {name: "Zwolle", postal: "80## @@"}},
	streets:  []string{"Havenstraat 1#", "Kerkweg #", "Nieuwegracht 2#", "Molenlaan 8#"},
	men:      []string{"Joost", "Pieter", "Daan", "Willem"},
	women:    []string{"Saskia", "Femke", "Marijke", "Lotte"},
	families: []string{"Van der Berg", "De Vries", "Hoekstra", "Mulder", "Van Dijk", "Bakker", "Dekker", "Postma"},
	places:   []string{"Maas", "Waddenzee", "Veluwe", "IJssel", "Noorder"},
	trades:   []string{"Bouw", "Transport", "Bloemen", "Scheepswerf", "Installatietechniek"},
	forms:    []string{"B.V.", "V.O.F.", "N.V."},
}

var finland = &country{
	code: "FI", language: "fi", currency: "EUR", branch: Oslo,
	cities:   []city{{name: "Helsinki", postal: "00##0"}, {name: "Tampere", postal: "33##0"}, {name: "Jyväskylä", postal: "40##0"}, {name: "Oulu", postal: "90##0"}},
	streets:  []string{"Koivukatu 1#", "Satamatie #", "Mäkelänkatu 2#", "Rantatie 3#"},
	men:      []string{"Juhani", "Mikko", "Olli", "Väinö"},
	women:    []string{"Aino", "Päivi", "Helmi", "Sirkka"},
	families: []string{"Mäkinen", "Virtanen", "Korhonen", "Lehtonen", "Hämäläinen", "Niemi", "Järvinen"},
	places:   []string{"Saimaa", "Pohjola", "Päijänne", "Lappi", "Kymi"},
	trades:   []string{"Puu", "Konepaja", "Kuljetus", "Sähkö", "Rakennus"},
	forms:    []string{"Oy", "Ky", "Oyj"},
}

var france = &country{
	code: "FR", language: "fr", currency: "EUR", branch: Hamburg,
	cities:   []city{{name: "Lille", postal: "59#00"}, {name: "Nantes", postal: "44#00"}, {name: "Dijon", postal: "21#00"}, {name: "Rouen", postal: "76#00"}},
	streets:  []string{"1# rue des Tanneurs", "# quai du Port", "2# avenue Pasteur", "4# rue de l'Église"},
	men:      []string{"Étienne", "Laurent", "Gaël", "Thierry"},
	women:    []string{"Hélène", "Maëlle", "Solène", "Béatrice"},
	families: []string{"Morel", "Lefèvre", "Garnier", "Chevalier", "Lemaître", "Renaud"},
	places:   []string{"Armor", "Côte d'Opale", "Val de Saône", "Bocage", "Flandre"},
	trades:   []string{"Menuiserie", "Transports", "Fournitures", "Emballages", "Charpentes"},
	forms:    []string{"SARL", "SAS", "et Fils"},
}

var poland = &country{
	code: "PL", language: "pl", currency: "EUR", branch: Prague,
	cities:   []city{{name: "Łódź", postal: "90-###"}, {name: "Wrocław", postal: "50-###"}, {name: "Gdańsk", postal: "80-###"}, {name: "Poznań", postal: "60-###"}},
	streets:  []string{"ul. Piotrkowska 1##", "ul. Długa #", "ul. Żeromskiego 2#", "al. Jana Pawła II 4#"},
	men:      []string{"Paweł", "Grzegorz", "Łukasz", "Wojciech"},
	women:    []string{"Małgorzata", "Agnieszka", "Zofia", "Elżbieta"},
	families: []string{"Wiśniewski", "Kowalczyk", "Zając", "Wójcik", "Mazur", "Dąbrowski"},
	womens:   []string{"Wiśniewska", "Kowalczyk", "Zając", "Wójcik", "Mazur", "Dąbrowska"},
	places:   []string{"Wisła", "Mazury", "Śląsk", "Bałtyk", "Podlasie"},
	trades:   []string{"Meble", "Okna", "Transport", "Stal", "Opakowania"},
	forms:    []string{"Sp. z o.o.", "S.A.", "Sp. j."},
}
