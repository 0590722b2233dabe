package importer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dunwell/internal/importer"
)

const pointsOf = `
	SELECT coalesce(string_agg(concat_ws(' ', p.kind, p.value, nullif(p.person, ''), p.role, CASE WHEN p.retired_at IS NOT NULL THEN 'out of use' END), ', ' ORDER BY p.id), '-')
	FROM contact_points p
	JOIN customers c ON c.id = p.customer_id
	WHERE c.number = `

// A file brings numbers and addresses, each once, with the person behind them. What
// the customer has or had is not brought again.
func TestContactPoints(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const head = "number,name,country,contact,phone,mobile,email\n"
	file := head + "1,Nordic,NO,Ola Berg,22 41 09 33; +44 20 7946 0018,22410933,\"AP@nordic.example,ola@nordic.example\"\n" +
		"2,Alm,,,+47 906 11 204,-,\n3,Elm,NO,,,,\n"
	want(t, "first", counts(d.load(t, importer.Customers, file)), "3 3 0 0 0")
	want(t, "1", d.ask(t, pointsOf+`'1'`), "phone +4722410933 Ola Berg debtor, phone +442079460018 Ola Berg debtor, "+
		"email ap@nordic.example Ola Berg debtor, email ola@nordic.example Ola Berg debtor")
	want(t, "2", d.ask(t, pointsOf+`'2'`), "phone +4790611204 debtor")
	const journal = `SELECT string_agg(n.kind || ': ' || n.text, ' / ' ORDER BY n.seq) FROM notes n JOIN customers c ON c.id = n.customer_id WHERE c.number = `
	want(t, "journal", d.ask(t, journal+`'2'`), "created: Created by the import of test.csv. Added phone +47 90 61 12 04, debtor.")
	want(t, "again", counts(d.load(t, importer.Customers, file)), "3 0 0 3 0")

	d.exec(t, `UPDATE contact_points SET retired_at = now() WHERE value = '+4722410933'`)
	want(t, "out of use here", counts(d.load(t, importer.Customers, file)), "3 0 0 3 0")
	o := plain(importer.Customers, strings.Replace(file, "2,Alm,,,+47 906 11 204,-,", "2,Alm,,Kari,+47 906 11 204,+47 906 11 205,", 1))
	o.DryRun = true
	r, err := d.run(t, o, strings.Replace(file, "2,Alm,,,+47 906 11 204,-,", "2,Alm,,Kari,+47 906 11 204,+47 906 11 205,", 1))
	if err != nil || counts(r) != "3 0 1 2 0" {
		t.Fatalf("%+v, %v", r, err)
	}
	want(t, "said before", fmt.Sprint(r.Changes), "[{3 2 Alm [contact person added to phone +47 90 61 12 04, Kari, debtor added phone +47 90 61 12 05, Kari, debtor]}]")
	want(t, "a check adds nothing", d.ask(t, pointsOf+`'2'`), "phone +4790611204 debtor")
	d.load(t, importer.Customers, head+"2,Alm AS,,Kari,+47 906 11 205,,kari@alm.example\n")
	want(t, "2", d.ask(t, pointsOf+`'2'`), "phone +4790611204 debtor, phone +4790611205 Kari debtor, email kari@alm.example Kari debtor")
	want(t, "journal", d.ask(t, journal+`'2' AND n.kind = 'changed'`), "changed: Changed by the import of test.csv: name from “Alm” to “Alm AS”; "+
		"added phone +47 90 61 12 05, Kari, debtor; e-mail kari@alm.example, Kari, debtor.")
	want(t, "version", d.ask(t, `SELECT version FROM customers WHERE number = '2'`), "2")
	want(t, "empty cells take nothing", counts(d.load(t, importer.Customers, head+"2,Alm AS,,,,,\n")), "1 0 0 1 0")
	want(t, "no columns", counts(d.load(t, importer.Customers, "number,name\n2,Alm AS\n")), "1 0 0 1 0")
}

// A number that said STOP before anybody had it comes in with that, and the check says
// so; one that took it back does not.
func TestContactPointsThatSaidStop(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(t, fmt.Sprintf(`INSERT INTO number_words (tenant_id, number, state, given_on, source, review_on, evidence)
		SELECT %[1]d, n, 'opt_out', date '2026-03-13', 'Their own SMS', date '2027-03-13', 'STOP' FROM unnest('{+4790611204,+4790611205,+4790611206}'::text[]) n
		UNION ALL VALUES (%[1]d, '+4790611205', 'lifted', date '2026-03-14', 'Their own SMS', NULL::date, 'START')`, d.ID))
	d.load(t, importer.Customers, "number,name\n1,Nordic\n")
	const file = "number,name,contact,phone,mobile\n1,Nordic,Ola,+47 906 11 204,+47 906 11 205\n2,Alm,Kari,+47 906 11 206; +47 906 11 207,\n"
	o := plain(importer.Customers, file)
	o.DryRun = true
	r, err := d.run(t, o, file)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "opted out", fmt.Sprint(r.OptedOut), "2")
	want(t, "said before", fmt.Sprint(r.Changes), "[{2 1 Nordic [added phone +47 90 61 12 04, Ola, debtor, opted out of SMS by its own word; phone +47 90 61 12 05, Ola, debtor]}]")
	d.load(t, importer.Customers, file)
	want(t, "permissions", d.ask(t, `SELECT string_agg(concat_ws(' ', c.number, p.value, s.channel, s.state, s.given_on, s.review_on, s.source, s.evidence), ', ' ORDER BY s.id)
		FROM permissions s JOIN contact_points p ON p.id = s.contact_point_id JOIN customers c ON c.id = s.customer_id`),
		"1 +4790611204 sms opt_out 2026-03-13 2027-03-13 Their own SMS STOP, 2 +4790611206 sms opt_out 2026-03-13 2027-03-13 Their own SMS STOP")
	want(t, "journal", d.ask(t, `SELECT n.text FROM notes n JOIN customers c ON c.id = n.customer_id WHERE c.number = '2'`),
		"Created by the import of test.csv. Added phone +47 90 61 12 06, Kari, debtor, opted out of SMS by its own word; phone +47 90 61 12 07, Kari, debtor.")
	d.load(t, importer.Customers, file)
	want(t, "again", d.ask(t, `SELECT count(*) FROM permissions`), "2")
}

// An address that opted out with another customer comes in with that, and check and
// result say how many there are.
func TestContactPointsThatOptedOutElsewhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, "number,name,email\n1,Nordic,info@office.example\n2,Elm,\n")
	d.exec(t, fmt.Sprintf(`INSERT INTO permissions (tenant_id, customer_id, contact_point_id, channel, state, given_on, source, review_on)
		SELECT %d, customer_id, id, 'email', 'opt_out', '2026-03-03', 'Their letter', '2026-09-03' FROM contact_points`, d.ID))
	const file = "number,name,email\n1,Nordic,info@office.example\n2,Elm,info@office.example\n3,Alm,info@office.example; alm@office.example\n"
	o := plain(importer.Customers, file)
	o.DryRun = true
	r, err := d.run(t, o, file)
	if err != nil || r.OptedOut != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	want(t, "said before", fmt.Sprint(r.Changes), "[{3 2 Elm [added e-mail info@office.example, debtor, opted out of e-mail with customer 1]}]")
	if r := d.load(t, importer.Customers, file); r.OptedOut != 2 {
		t.Errorf("applied: %d opted out", r.OptedOut)
	}
	want(t, "permissions", d.ask(t, `SELECT string_agg(concat_ws(' ', c.number, p.value, s.channel, s.state, s.given_on, s.review_on, s.source), ', ' ORDER BY s.id)
		FROM permissions s JOIN contact_points p ON p.id = s.contact_point_id JOIN customers c ON c.id = s.customer_id WHERE c.number <> '1'`),
		"2 info@office.example email opt_out 2026-03-03 2026-09-03 They opted out with customer 1, 3 info@office.example email opt_out 2026-03-03 2026-09-03 They opted out with customer 1")
	if r := d.load(t, importer.Customers, file); r.OptedOut != 0 {
		t.Errorf("again: %d opted out", r.OptedOut)
	}
}

// What cannot be read is left out and said; the rest of its row is taken.
func TestContactPointsLeftOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const file = "number,name,phone,mobile,email,country,kind\n1,Nordic,22 41 09 33,12,nobody,,\n2,Alm,22 41 09 34,,a@b,NO,\n,Elm,13,,,NO,\n4,Birk,,,c@d.example,NO,firm\n"
	o := plain(importer.Customers, file)
	r, err := d.run(t, o, file)
	if err != nil || counts(r) != "4 2 0 0 2" || r.LeftOut != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	var said []string
	for _, j := range r.Rejects {
		said = append(said, fmt.Sprintf("%d %s %q %s", j.Row, j.Column, j.Value, j.Reason))
	}
	want(t, "said", strings.Join(said, "\n"), strings.Join([]string{
		`2 phone "22 41 09 33" The customer's country is not known. Give the number with + and its country code, such as +47 22 41 09 33. The rest of the row is taken.`,
		`2 mobile "12" The customer's country is not known. Give the number with + and its country code, such as +47 22 41 09 33. The rest of the row is taken.`,
		`2 email "nobody" This is not an e-mail address. Give one such as name@company.com, without the person's name. The rest of the row is taken.`,
		`3 email "a@b" The part after @ must be a domain such as company.com. The rest of the row is taken.`,
		`4 number "" A customer needs a number.`,
		`5 kind "firm" This is no kind of customer. Use business or consumer.`,
	}, "\n"))
	want(t, "1", d.ask(t, pointsOf+`'1'`), "-")
	want(t, "2", d.ask(t, pointsOf+`'2'`), "phone +4722410934 debtor")
	want(t, "on record", d.ask(t, `SELECT count(*) FROM import_rejects`), "6")
	r, err = d.run(t, o, strings.ReplaceAll(file, "22 41 09 33", "+47 22 41 09 35")+"5,Ask,1;2;3;4;5;6;7;8;9;10;11,,,NO,\n")
	if err != nil || counts(r) != "5 0 1 1 3" || !strings.HasPrefix(r.Rejects[len(r.Rejects)-1].Reason, "There are 11 in this cell.") {
		t.Fatalf("%+v, %v", r, err)
	}
	want(t, "1", d.ask(t, pointsOf+`'1'`), "phone +4722410935 debtor")
}

// A contact person is kept with a number or an address. One that came without a person
// is given it; where there is no place for the person, that is said.
func TestContactPersons(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const head = "number,name,country,contact,phone,email\n"
	d.load(t, importer.Customers, head+"1,Nord,NO,,22 41 09 31,\n2,Ost,NO,Ola,22 41 09 32,\n3,West,NO,,22 41 09 33,\n4,Fjord,NO,Per,22 41 09 34,\n5,Berg,NO,,22 41 09 35,\n6,Tal,NO,,22 41 09 36,\n")
	d.exec(t, `UPDATE contact_points SET retired_at = now() WHERE value = '+4722410933'`)
	d.exec(t, `UPDATE contact_points SET role = 'guarantor' WHERE value = '+4722410936'`)
	file := head + "1,Nord,NO,Kari,22 41 09 31,\n2,Ost,NO,Kari,22 41 09 32,\n3,West,NO,Kari,22 41 09 33,\n4,Fjord,NO,PER,22 41 09 34,\n5,Berg,NO,-,22 41 09 35,\n6,Tal,NO,Kari,22 41 09 36,\n" +
		"7,Inn,NO,Kari,,\n8,Lech,NO,Kari,12,\n9,Isar,NO,Kari,12,kari@isar.example\n,Fluss,NO,Kari,,\n"
	o := plain(importer.Customers, file)
	r, err := d.run(t, o, file)
	if err != nil || counts(r) != "10 3 1 5 1" || r.LeftOut != 7 {
		t.Fatalf("%+v, %v", r, err)
	}
	want(t, "changed", fmt.Sprint(r.Changes), "[{2 1 Nord [contact person added to phone +47 22 41 09 31, Kari, debtor]}]")
	var said []string
	for _, j := range r.Rejects {
		if j.Column == "contact" {
			said = append(said, fmt.Sprintf("%d %s: %s", j.Row, j.Value, j.Reason))
		}
	}
	const rest, nowhere, unused = " The rest of the row is taken.", "There is no number or address to keep the contact person with.", "Its number or address is out of use here, or not the debtor’s own, and stays so."
	want(t, "said", strings.Join(said, "\n"), strings.Join([]string{
		"3 Kari: Here its number or address is with Ola, and stays so. Change that at the customer, if the file is right." + rest,
		"4 Kari: " + unused + rest, "7 Kari: " + unused + rest, "8 Kari: " + nowhere + rest, "9 Kari: " + nowhere + rest,
	}, "\n"))
	want(t, "1", d.ask(t, pointsOf+`'1'`), "phone +4722410931 Kari debtor")
	want(t, "version", d.ask(t, `SELECT version FROM contact_points WHERE value = '+4722410931'`), "2")
	want(t, "2", d.ask(t, pointsOf+`'2'`), "phone +4722410932 Ola debtor")
	want(t, "6", d.ask(t, pointsOf+`'6'`), "phone +4722410936 guarantor")
	want(t, "9", d.ask(t, pointsOf+`'9'`), "email kari@isar.example Kari debtor")
	want(t, "journal", d.ask(t, `SELECT n.text FROM notes n JOIN customers c ON c.id = n.customer_id WHERE c.number = '1' AND n.kind = 'changed'`),
		"Changed by the import of test.csv: contact person added to phone +47 22 41 09 31, Kari, debtor.")
	if r, err = d.run(t, o, file); err != nil || counts(r) != "10 0 0 9 1" || r.LeftOut != 7 {
		t.Errorf("again: %+v, %v", r, err)
	}
	d.exec(t, `UPDATE contact_points SET person = 'Ola' WHERE value = '+4722410931'`)
	d.load(t, importer.Customers, head+"1,Nord,NO,Kari,22 41 09 31,nord@nord.example\n")
	want(t, "kept with what is new", d.ask(t, pointsOf+`'1'`), "phone +4722410931 Ola debtor, email nord@nord.example Kari debtor")
}

// A slash parts two numbers where each can be dialled as it stands; a cell with a word
// or the end of another number is left out, and never read as a stranger's number.
func TestContactPointsOfMessyCells(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const file = "number,name,country,phone\n1,Nord,DE,040 1234567 / 0171 1234567\n2,Ost,DE,040 1234567 privat\n3,West,DE,040/1234567/040/7654321; 04531 1234 / 5678\n" +
		"4,Fjord,NO,22 41 09 33 / 22 41 09 34\n5,Berg,AT,01 51234 / 56789\n6,Tal,DE,030 1234567 / 7654321\n7,Inn,AT,+43 1 51234567 / +49 40 1234567/+49 40 1234568\n8,Fluss,DE,040/12 34 56\n"
	r, err := d.run(t, plain(importer.Customers, file), file)
	if err != nil || counts(r) != "8 8 0 0 0" || r.LeftOut != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	var said []string
	for _, j := range r.Rejects {
		said = append(said, fmt.Sprintf("%d %s: %s", j.Row, j.Value, j.Reason))
	}
	const second = "What follows the number looks like a second one or an extension. Give each number by itself and in full, and put an extension into the title. The rest of the row is taken."
	want(t, "said", strings.Join(said, "\n"), strings.Join([]string{
		"3 040 1234567 privat: Give the number alone, in digits. Words can stand in the title. The rest of the row is taken.",
		"4 04531 1234 / 5678: " + second,
		"6 01 51234 / 56789: " + second,
		"7 030 1234567 / 7654321: " + second,
	}, "\n"))
	want(t, "kept", d.ask(t, `SELECT string_agg(c.number || ' ' || p.value, ', ' ORDER BY c.number, p.value) FROM contact_points p JOIN customers c ON c.id = p.customer_id`),
		"1 +491711234567, 1 +49401234567, 3 +49401234567, 3 +49407654321, 4 +4722410933, 4 +4722410934, 7 +43151234567, 7 +49401234567, 7 +49401234568, 8 +4940123456")
}

// The country that counts is the file's, else the customer's.
func TestContactPointsCountry(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, "number,name,country\n1,Nordic,NO\n2,Alm,NO\n")
	d.load(t, importer.Customers, "number,name,phone\n1,Nordic,22 41 09 33\n")
	d.load(t, importer.Customers, "number,name,phone,country\n2,Alm,020 7946 0018,GB\n")
	want(t, "1", d.ask(t, pointsOf+`'1'`), "phone +4722410933 debtor")
	want(t, "2", d.ask(t, pointsOf+`'2'`), "phone +442079460018 debtor")
	d.exec(t, `UPDATE customers SET merged_into = (SELECT id FROM customers WHERE number = '1'), merged_at = now(), archived_at = now(), owner_id = NULL WHERE number = '2'`)
	want(t, "merged", counts(d.load(t, importer.Customers, "number,name,phone,tags\n2,Alm,+47 22 41 09 36,key\n")), "1 0 0 1 0")
	want(t, "2", d.ask(t, pointsOf+`'2'`), "phone +442079460018 debtor")
}

// Tags of a file are added to those there are; none is taken away.
func TestTags(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const tags = `SELECT string_agg(number || ' ' || array_to_string(tags, '+'), ', ' ORDER BY number) FROM customers`
	const head = "number,name,tags\n"
	d.load(t, importer.Customers, head+"1,Nordic,\"Key  account, éxport\"\n2,Alm,retail;retail\n3,Elm,\n")
	want(t, "tags", d.ask(t, tags), "1 key account+éxport, 2 retail, 3")
	want(t, "again", counts(d.load(t, importer.Customers, head+"1,Nordic,éxport\n2,Alm,\n3,Elm,\n")), "3 0 0 3 0")
	want(t, "more", counts(d.load(t, importer.Customers, head+"1,Nordic,abroad;zone\n")), "1 0 1 0 0")
	want(t, "tags", d.ask(t, tags), "1 abroad+key account+zone+éxport, 2 retail, 3")
	want(t, "journal", d.ask(t, `SELECT text FROM notes WHERE kind = 'changed'`),
		"Changed by the import of test.csv: tags from “key account, éxport” to “abroad, key account, zone, éxport”.")
	var twenty []string
	for n := range 20 {
		twenty = append(twenty, fmt.Sprint("tag", n))
	}
	slices.Sort(twenty)
	all := strings.Join(twenty, ";")
	d.load(t, importer.Customers, head+"3,Elm,"+all+"\n")
	d.refuses(t, importer.Customers, []refusal{
		{"21 together", head + "2,Alm," + all + "\n", nil, "tags", "retail, " + strings.Join(twenty, ", "), "With those here already the customer would have more than 20 tags."},
		{"21 at once", head + "4,Ask," + all + ";one\n", nil, "tags", all + ";one", "A customer has 20 tags at most."},
		{"41 characters", head + "4,Ask," + strings.Repeat("x", 41) + "\n", nil, "tags", strings.Repeat("x", 41), "A tag has 40 characters at most."},
	})
	d.load(t, importer.Customers, head+"4,Ask,"+strings.Repeat("x", 40)+"\n")
}
