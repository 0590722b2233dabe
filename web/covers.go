package web

import (
	"context"
	"encoding/json"
	"fmt"

	"dunwell/internal/diary"
	"dunwell/internal/tenant"
	"dunwell/web/ui"
)

// CountCovers keeps whose work the person does besides, with how much of it waits, for
// the top of the day. Whoever changes it counts, and who is refused something; else it
// is counted once a minute.
func (a *App) CountCovers(ctx context.Context, tx *tenant.Tx) error {
	list, err := diary.Covered(ctx, tx)
	if err != nil {
		return err
	}
	var covers []ui.Cover
	for _, c := range list {
		covers = append(covers, ui.Cover{Member: c.MemberID, Name: c.Member, Until: c.UntilOn, Waiting: c.Waiting})
	}
	text := ""
	if len(covers) > 0 {
		b, err := json.Marshal(covers)
		if err != nil {
			return fmt.Errorf("keep who is covered: %w", err)
		}
		text = string(b)
	}
	if key := covered(tx.Actor.TenantID); text != a.Sessions.GetString(ctx, key) {
		a.Sessions.Put(ctx, key, text)
	}
	return nil
}

// covers are those that CountCovers kept.
func (a *App) covers(ctx context.Context, tenantID int64) (list []ui.Cover) {
	if text := a.Sessions.GetString(ctx, covered(tenantID)); text != "" {
		_ = json.Unmarshal([]byte(text), &list) // of an older program: it is counted again
	}
	return list
}

func covered(tenantID int64) string { return fmt.Sprintf("covers in %d", tenantID) }
