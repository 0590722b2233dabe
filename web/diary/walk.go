package diary

import (
	"errors"
	"fmt"
	"net/http"

	"dunwell/internal/diary"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// start begins to walk the list and goes to its first customer.
func start(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	whose, err := readWhose(r, tx)
	if err != nil {
		return err
	}
	first, err := diary.Start(r.Context(), tx, whose.Member)
	var nothing errs.Conflict
	if errors.As(err, &nothing) {
		return web.SeeOther(w, r, whose.at(0, 0), string(nothing))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, customerPath(first), "")
}

// next goes on to whoever comes after the customer named, in the agenda or in the
// day; after the last, back to the list.
func next(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	entry, err := diary.NextEntry(r.Context(), tx, web.Number(r.Form.Get("from")))
	switch {
	case err == nil:
		return web.SeeOther(w, r, fmt.Sprintf("/agenda/%d", entry), "")
	case errors.Is(err, diary.ErrWalked):
		return web.SeeOther(w, r, "/agenda", string(diary.ErrWalked))
	case !errors.Is(err, diary.ErrNoWalk):
		return err
	}
	return nextOfDay(w, r, tx)
}

func nextOfDay(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id, member, err := diary.Next(r.Context(), tx, web.Number(r.Form.Get("from")))
	var over errs.Conflict
	if errors.As(err, &over) {
		return web.SeeOther(w, r, whose{Member: member, Me: tx.Actor.MemberID}.at(0, 0), string(over))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, customerPath(id), "")
}

func end(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if err := diary.End(r.Context(), tx); err != nil {
		return err
	}
	return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), "/"), "You have stopped walking the list. It can be started again at any time.")
}

func customerPath(id int64) string { return fmt.Sprintf("/customers/%d", id) }
