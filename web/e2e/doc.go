// Package e2e does the main journeys in a real browser: by mouse, by keyboard,
// narrow and wide, light and dark, with axe looking for barriers and no error on
// the console. It holds tests only.
package e2e
