package demo

import "dunwell/internal/money"

// The countries that are invoiced in another currency than the euro.

var norway = &country{
	code: "NO", language: "nb", currency: "NOK", branch: Oslo,
	cities: []city{
		{name: "Oslo", postal: "05##"}, {name: "Bergen", postal: "50##"}, {name: "Trondheim", postal: "70##"}, {name: "Tromsø", postal: "90##"},
		{name: "Ålesund", postal: "60##"}, {name: "Bodø", postal: "80##"}, {name: "Hamar", postal: "23##"},
	},
	streets: []string{"Storgata 1#", "Bjørkeveien #", "Havnegata 2#", "Skogstien 3#", "Fjellveien #", "Øvre Torggate 1#"},
	men:     []string{"Lars", "Øyvind", "Sindre", "Håkon", "Torbjørn", "Magnus"},
	women:   []string{"Ragnhild", "Solveig", "Åse", "Marit", "Synnøve", "Ingeborg"},
	families: []string{"Hagen", "Bakke", "Lie", "Sæther", "Moen", "Strand", "Ødegård", "Haugland", "Nygård", "Brekke",
		"Tveit", "Kvam"},
	places: []string{"Lofoten", "Nordmarka", "Dovre", "Hardanger", "Telemark", "Sunnmøre", "Jotunheim", "Mjøsa"},
	trades: []string{"Bygg", "Fisk", "Tømmer", "Transport", "Rør", "Elektro", "Anlegg", "Maskin"},
	forms:  []string{"AS", "ANS", "ASA"},
}

var denmark = &country{
	code: "DK", language: "da", currency: "DKK", branch: Copenhagen,
	cities: []city{
		{name: "København", postal: "2#00"}, {name: "Aarhus", postal: "8#00"}, {name: "Odense", postal: "5#00"}, {name: "Nyborg", postal: "5800"},
		{name: "Aalborg", postal: "9#00"}, {name: "Esbjerg", postal: "6700"}, {name: "Køge", postal: "4600"},
	},
	streets: []string{"Strandvejen 1#", "Nørregade #", "Møllevej 2#", "Havnegade 3#", "Bøgevænget #"},
	men:     []string{"Søren", "Anders", "Jørgen", "Mads", "Rasmus"},
	women:   []string{"Kirsten", "Bodil", "Mette", "Karen", "Signe"},
	families: []string{"Nørgaard", "Holm", "Kjær", "Mortensen", "Østergaard", "Bruun", "Friis", "Skov", "Damgaard",
		"Lund"},
	places: []string{"Fyn", "Limfjord", "Vesterhav", "Storebælt", "Himmerland", "Møn"},
	trades: []string{"Tømmer", "Mejeri", "Smede", "Maskinudlejning", "Køleteknik", "Tryk", "Vognmand"},
	forms:  []string{"ApS", "A/S", "I/S"},
}

var czechia = &country{
	code: "CZ", language: "cs", currency: "CZK", branch: Prague,
	cities: []city{
		{name: "Praha", postal: "1#0 00"}, {name: "Brno", postal: "6#2 00"}, {name: "Ostrava", postal: "70# 00"}, {name: "Plzeň", postal: "30# 00"},
		{name: "Liberec", postal: "460 0#"}, {name: "České Budějovice", postal: "370 0#"},
	},
	streets: []string{"Nádražní 1#", "Lipová #", "Školní 2#", "Husova 3#", "Na Příkopě 1#"},
	men:     []string{"Jiří", "Ondřej", "Vojtěch", "Zdeněk", "Petr"},
	women:   []string{"Lenka", "Kateřina", "Hana", "Zuzana", "Jitka"},
	families: []string{"Novotný", "Svoboda", "Procházka", "Kučera", "Šťastný", "Horák", "Říha", "Beneš", "Žák",
		"Dvořák"},
	womens: []string{"Novotná", "Svobodová", "Procházková", "Kučerová", "Šťastná", "Horáková", "Říhová", "Benešová", "Žáková",
		"Dvořáková"},
	places: []string{"Vltava", "Morava", "Krkonoše", "Šumava", "Beskydy", "Labe"},
	trades: []string{"Kovo", "Sklo", "Stavby", "Doprava", "Nábytek", "Plasty", "Elektro"},
	forms:  []string{"s.r.o.", "a.s.", "v.o.s."},
}

var britain = &country{
	code: "GB", language: "en", currency: "GBP", branch: Hamburg,
	cities: []city{
		{name: "Leeds", postal: "LS# #@@"}, {name: "Hull", postal: "HU# #@@"}, {name: "Bristol", postal: "BS# #@@"}, {name: "Aberdeen", postal: "AB1# #@@"},
		{name: "Ipswich", postal: "IP# #@@"},
	},
	streets:  []string{"1# Quay Street", "# Mill Lane", "Unit 1#, Canal Works", "2# Station Road", "3# Chapel Walk"},
	men:      []string{"Graham", "Alistair", "Owen", "Neil"},
	women:    []string{"Fiona", "Harriet", "Maureen", "Bronwen"},
	families: []string{"Harlow", "Finch", "Braithwaite", "Pritchard", "MacLeod", "Whitaker", "Ashdown", "Thorpe"},
	places:   []string{"Pennine", "Humber", "Fenland", "Severn", "Moorside", "Tyne"},
	trades:   []string{"Joinery", "Haulage", "Fasteners", "Refrigeration", "Roofing", "Packaging", "Foods"},
	forms:    []string{"Ltd", "LLP", "plc"},
}

var america = &country{
	code: "US", language: "en", currency: "USD", branch: Hamburg,
	cities: []city{
		{name: "Norfolk", postal: "235##", region: "VA"}, {name: "Savannah", postal: "314##", region: "GA"},
		{name: "Duluth", postal: "558##", region: "MN"}, {name: "Tacoma", postal: "984##", region: "WA"},
	},
	streets:  []string{"1## Harbor Drive", "4## Mill Street", "2### Industrial Parkway", "#10 Main Street"},
	men:      []string{"Earl", "Dwayne", "Russell", "Mitchell"},
	women:    []string{"Darlene", "Janice", "Rhonda", "Kristin"},
	families: []string{"Whitfield", "Sorensen", "Delgado", "McAllister", "Tran", "Kowalski"},
	places:   []string{"Tidewater", "Cascade", "Lakehead", "Blue Ridge", "Puget"},
	trades:   []string{"Supply", "Millwork", "Freight", "Marine", "Hardware", "Fabrication"},
	forms:    []string{"LLC", "Inc.", "Co."},
}

var japan = &country{
	code: "JP", language: "ja", currency: "JPY", branch: Hamburg,
	cities:   []city{{name: "Osaka", postal: "530-00##"}, {name: "Nagoya", postal: "450-00##"}, {name: "Kobe", postal: "650-00##"}, {name: "Yokohama", postal: "231-00##"}},
	streets:  []string{"1-#-4 Nakamachi", "2-1#-# Honmachi", "#-3-1 Minato"},
	men:      []string{"Kenji", "Hiroshi", "Takumi"},
	women:    []string{"Yuko", "Keiko", "Sakura"},
	families: []string{"Yamada", "Fujimoto", "Ishikawa", "Nakajima", "Okada"},
	places:   []string{"Kanda", "Minato", "Sumida", "Asahi", "Rokko"},
	trades:   []string{"Seiki", "Mokuzai", "Shoji", "Denki", "Unyu"},
	forms:    []string{"K.K.", "G.K."},
}

// markets are where companies buy, lending is where people borrow.
var (
	markets = []weighed[*country]{{30, germany}, {7, netherlands}, {6, austria}, {5, finland}, {5, france}, {5, poland},
		{14, norway}, {9, denmark}, {7, czechia}, {6, britain}, {4, america}, {2, japan}}
	lending = []weighed[*country]{{40, germany}, {9, austria}, {8, netherlands}, {7, finland}, {18, norway}, {9, denmark}, {9, czechia}}
)

// worth is roughly what one euro buys.
var worth = map[money.Currency]float64{"EUR": 1, "NOK": 11.6, "DKK": 7.46, "CZK": 25.2, "GBP": 0.86, "USD": 1.1, "JPY": 164}
