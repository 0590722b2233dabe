package member

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// TooMany refuses an attempt without looking at it. It reads the same whether
// the account exists or not.
type TooMany struct {
	// Wait is how long until the next attempt is looked at.
	Wait time.Duration
}

func (e TooMany) Error() string {
	minutes := max(int((e.Wait+time.Minute-1)/time.Minute), 1)
	unit := "minutes"
	if minutes == 1 {
		unit = "minute"
	}
	return fmt.Sprintf("There were too many attempts. Try again in %d %s.", minutes, unit)
}

// addressKey is what attempts are counted by: the IP address without its port,
// of IPv6 the network of 64 bits that one household or office has.
func addressKey(remote string) string {
	ip, err := netip.ParseAddr(remote)
	if err != nil {
		port, err := netip.ParseAddrPort(remote)
		if err != nil {
			return cut(remote, 100)
		}
		ip = port.Addr()
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	network, _ := ip.Prefix(64)
	return network.String()
}

// askedForLink is the e-mail under which "forgotten password" is counted: by
// address alone, never by account.
const askedForLink = ""

// take counts an attempt before it is looked at, as failed until released: a
// hundred sent at once are counted as a hundred. It refuses with TooMany
//   - the sixth from one address for one account within 15 minutes of failures,
//     counted since the last success there;
//   - the 31st from one address, for whatever accounts, within 15 minutes;
//   - the 51st for one account from anywhere within an hour.
//
// The last two pass by whoever signed in to the account from that address in
// the last 30 days: strangers who guess cannot lock a person out. A refused
// attempt is not counted, so the time that is named holds.
func take(ctx context.Context, pool *pgxpool.Pool, email, address string) (attempt int64, err error) {
	args := pgx.NamedArgs{"email": email, "address": address}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			SELECT pg_advisory_xact_lock(hashtext('dunwell.attempts.email'), hashtext(@email)),
				pg_advisory_xact_lock(hashtext('dunwell.attempts.address'), hashtext(@address))`, args)
		if err != nil {
			return err
		}
		var seconds *int64
		if err := tx.QueryRow(ctx, waiting, args).Scan(&seconds); err != nil {
			return err
		}
		if seconds != nil {
			return TooMany{time.Duration(*seconds) * time.Second}
		}
		return tx.QueryRow(ctx, `
			INSERT INTO sign_in_attempts (email, address, ok)
			VALUES (@email, @address, false)
			RETURNING id`, args).Scan(&attempt)
	})
	return attempt, err
}

// waiting finds when the attempt that fills each limit leaves its window; NULL
// where no limit is full.
const waiting = `
	WITH here AS (
		SELECT coalesce(max(at), '-infinity') AS ok_at
		FROM sign_in_attempts
		WHERE email = @email AND address = @address AND ok AND at > now() - interval '30 days'
	), full_until AS (
		(SELECT at + interval '15 minutes' AS until
		FROM sign_in_attempts
		WHERE email = @email AND address = @address AND NOT ok
			AND at > now() - interval '15 minutes' AND at > (SELECT ok_at FROM here)
		ORDER BY at DESC
		OFFSET 4 LIMIT 1)
		UNION ALL
		(SELECT at + interval '15 minutes'
		FROM sign_in_attempts
		WHERE address = @address AND NOT ok AND at > now() - interval '15 minutes'
			AND (SELECT ok_at FROM here) = '-infinity'
		ORDER BY at DESC
		OFFSET 29 LIMIT 1)
		UNION ALL
		(SELECT at + interval '1 hour'
		FROM sign_in_attempts
		WHERE email = @email AND NOT ok AND at > now() - interval '1 hour'
			AND email <> '' AND (SELECT ok_at FROM here) = '-infinity'
		ORDER BY at DESC
		OFFSET 49 LIMIT 1)
	)
	SELECT ceil(extract(epoch FROM max(until) - now()))::bigint
	FROM full_until`

// release turns a taken attempt into a success.
func release(ctx context.Context, tx pgx.Tx, attempt int64) error {
	_, err := tx.Exec(ctx, `
		WITH taken AS (
			DELETE FROM sign_in_attempts
			WHERE id = $1
			RETURNING email, address
		)
		INSERT INTO sign_in_attempts (email, address, ok)
		SELECT email, address, true FROM taken`, attempt)
	if err != nil {
		return fmt.Errorf("record the sign-in attempt: %w", err)
	}
	return nil
}
