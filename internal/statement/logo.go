package statement

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // read
	"image/png"
	"io"

	"github.com/jackc/pgx/v5"
	"golang.org/x/image/draw"

	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// MaxLogo is how large a logo may be as it comes, in bytes.
const MaxLogo = 1 << 20

// A logo may have so many pixels, and is kept with no side longer than logoSide:
// more than a printer shows.
const (
	maxPixels = 16_000_000
	logoSide  = 1000
)

// SetLogo puts a PNG or JPEG on the letterhead.
func SetLogo(ctx context.Context, tx *tenant.Tx, store document.Store, version int, content io.Reader) error {
	if _, err := hold(ctx, tx, version); err != nil {
		return err
	}
	picture, err := readLogo(content)
	if err != nil {
		return err
	}
	d, err := document.Add(ctx, tx, store, document.New{Subject: document.OfLetterhead, Name: "logo.png", Content: picture})
	if err != nil {
		return err
	}
	return putLogo(ctx, tx, d.ID, "changed")
}

// RemoveLogo takes the logo off the letterhead. What was sent with it keeps it.
func RemoveLogo(ctx context.Context, tx *tenant.Tx, version int) error {
	was, err := hold(ctx, tx, version)
	if err != nil {
		return err
	}
	if was.LogoID == 0 {
		return errs.Conflict("There is no logo to be removed.")
	}
	return putLogo(ctx, tx, 0, "removed")
}

func putLogo(ctx context.Context, tx *tenant.Tx, id int64, done string) error {
	_, err := tx.Exec(ctx, `
		UPDATE letterheads
		SET logo_id = nullif(@logo::bigint, 0), version = version + 1
		WHERE tenant_id = @tenant`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "logo": id})
	if err != nil {
		return fmt.Errorf("set logo: %w", err)
	}
	return tx.Audit(ctx, tenant.Event{Kind: "letterhead.logo_" + done})
}

// readLogo reads a picture and gives it back as a PNG of a plain kind, on white,
// with nothing in it but the picture: such a one goes into a PDF as it is.
func readLogo(content io.Reader) (io.Reader, error) {
	data, err := io.ReadAll(io.LimitReader(content, MaxLogo+1))
	if err != nil {
		return nil, fmt.Errorf("read logo: %w", err)
	}
	if len(data) > MaxLogo {
		return nil, errs.Invalid{"logo": "This is larger than 1 MB. Save the picture smaller."}
	}
	about, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err == nil && about.Width*about.Height > maxPixels {
		return nil, errs.Invalid{"logo": fmt.Sprintf("This picture is %d by %d pixels. Save it smaller: %d pixels wide is plenty.", about.Width, about.Height, logoSide)}
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, errs.Invalid{"logo": "This is no PNG or JPEG picture that can be read. Save it as PNG and choose that."}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, onWhite(picture)); err != nil {
		return nil, fmt.Errorf("write logo: %w", err)
	}
	return &out, nil
}

func onWhite(picture image.Image) image.Image {
	size := picture.Bounds().Size()
	if long := max(size.X, size.Y); long > logoSide {
		size = image.Pt(max(size.X*logoSide/long, 1), max(size.Y*logoSide/long, 1))
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(out, out.Bounds(), picture, picture.Bounds(), draw.Over, nil)
	return out
}

// LoadLogo reads the logo that stands on what is made of the heading. One whose
// content is gone from the store is left out, which the store's owner is told of.
func (h *Heading) LoadLogo(ctx context.Context, tx *tenant.Tx, store document.Store) error {
	if h.Letterhead.LogoID == 0 {
		return nil
	}
	_, content, err := document.Open(ctx, tx, store, h.Letterhead.LogoID)
	if errors.As(err, new(errs.Conflict)) {
		return nil
	}
	if err != nil {
		return err
	}
	defer content.Close()
	if h.Logo, err = io.ReadAll(content); err != nil {
		return fmt.Errorf("read logo: %w", err)
	}
	return nil
}
