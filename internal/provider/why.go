package provider

// whys are the provider's numbers for what kept an SMS from arriving.
var whys = map[string]string{
	"30001": "The provider had too many messages waiting",
	"30002": "The provider has suspended the company’s account",
	"30003": "The phone is switched off or out of reach, or the number is not in use",
	"30004": "The recipient or the network blocks the message",
	"30005": "The number is not in use",
	"30006": "The number is a landline, or its network takes no SMS",
	"30007": "The network took the message for spam",
	"30008": "The network did not say why",
	"30034": "The company’s number is not registered with the networks there",
	"21610": "The recipient has opted out with the provider",
}

// Why says what a number of the provider means, of a message that did not arrive.
func Why(code string) string {
	text := "The provider did not deliver it"
	if known := whys[code]; known != "" {
		text += ": " + known
	}
	if code != "" {
		text += " (" + line(code) + ")"
	}
	return text + "."
}
