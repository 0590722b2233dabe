package money

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var (
	spacing = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "’", "'", "−", "-")
	// oneMark has nothing but one point or comma, where thousands could end.
	oneMark = regexp.MustCompile(`^[1-9]\d{0,2}[.,]\d{3}$`)
	// groups is a whole number in groups of three.
	groups = regexp.MustCompile(`^[1-9]\d{0,2}(?:[ '.,]\d{3})+$`)
	digits = regexp.MustCompile(`^\d+$`)
)

// Mistyped says, in a sentence for who typed it, why a text is not taken as an
// amount.
type Mistyped string

func (m Mistyped) Error() string { return string(m) }

func mistyped(format string, args ...any) error { return Mistyped(fmt.Sprintf(format, args...)) }

// ParseTyped reads an amount as a person types it: a decimal point or a comma,
// groups of three parted by spaces, apostrophes or the other of the two, the
// currency's own code before or behind. What can be read in two ways is
// refused. Its error is Mistyped.
func ParseTyped(s string, c Currency) (Amount, error) {
	text := strings.TrimSpace(spacing.Replace(s))
	if text == "" {
		return Amount{}, mistyped("Give an amount.")
	}
	number := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, string(c)), string(c)))
	sign := ""
	if rest, minus := strings.CutPrefix(number, "-"); minus {
		sign, number = "-", strings.TrimSpace(rest)
	}
	if ambiguous(number, c) {
		return Amount{}, twoWays(number, c)
	}
	plain, ok := plainDigits(number, c)
	if !ok {
		return Amount{}, mistyped("“%.40s” is not an amount. Write one such as %s.", s, example(c))
	}
	a, err := Parse(sign+plain, c)
	switch {
	case errors.Is(err, ErrDecimals) && c.Decimals() == 0:
		return Amount{}, mistyped("%s has no decimals. Write a whole number.", c)
	case errors.Is(err, ErrDecimals):
		return Amount{}, mistyped("%s has %d decimals. Write at most so many.", c, c.Decimals())
	case errors.Is(err, ErrTooLarge):
		return Amount{}, mistyped("This is more than can be recorded. Look whether a digit is too many.")
	case err != nil:
		return Amount{}, mistyped("“%.40s” is not an amount. Write one such as %s.", s, example(c))
	}
	return a, nil
}

// ambiguous tells a lone point or comma before three digits that may part
// thousands or decimals. Our own way of writing three decimals, the point, is
// taken as it stands.
func ambiguous(number string, c Currency) bool {
	switch c.Decimals() {
	case 0:
		return false
	case 3:
		return oneMark.MatchString(number) && strings.Contains(number, ",")
	}
	return oneMark.MatchString(number)
}

func twoWays(number string, c Currency) error {
	whole, frac, _ := strings.Cut(strings.Replace(number, ",", ".", 1), ".")
	thousands := whole + frac + "." + strings.Repeat("0", c.Decimals())
	if c.Decimals() == 3 {
		return mistyped("“%s” can be read in two ways. Write %s or %s.%s.", number, thousands, whole, frac)
	}
	return mistyped("“%s” can be read in two ways. Write %s if thousands are meant; %s has %d decimals.", number, thousands, c, c.Decimals())
}

// plainDigits takes the groups apart and makes the decimal sign a point.
func plainDigits(number string, c Currency) (string, bool) {
	whole, frac := number, ""
	last := strings.LastIndexAny(number, " '.,")
	thousands := c.Decimals() == 0 && oneMark.MatchString(number)
	if last >= 0 && strings.Count(number, number[last:last+1]) == 1 && strings.ContainsAny(number[last:], ".,") && !thousands {
		whole, frac = number[:last], number[last+1:]
	}
	if mark := strings.IndexAny(whole, " '.,"); mark >= 0 {
		sign := whole[mark : mark+1]
		if !groups.MatchString(whole) || strings.Count(whole, sign) != len(whole)-len(strings.Map(digit, whole)) {
			return "", false
		}
		whole = strings.ReplaceAll(whole, sign, "")
	}
	if !digits.MatchString(whole+frac) || whole == "" {
		return "", false
	}
	return strings.TrimSuffix(whole+"."+frac, "."), true
}

// digit keeps the digits of a text, for strings.Map.
func digit(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

func example(c Currency) string { return New(1250*pow10(c.Decimals()), c).Plain() }
