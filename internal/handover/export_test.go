package handover

// Columns are the columns that change hands.
func Columns() (list []string) {
	for _, s := range append([]source{agenda}, sources...) {
		list = append(list, s.table+"."+s.member)
	}
	for _, s := range loose {
		list = append(list, s.table+"."+s.member)
	}
	return list
}
