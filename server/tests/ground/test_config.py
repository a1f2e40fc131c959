"""Settings come from three places, and a wrong one is told by name, reason and next step."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.config import BadSetting, Config, read_config


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def read(folder: Path, environ: dict[str, str] | None = None, **flags: object) -> Config:
    return read_config({"data": str(folder), **flags}, environ or {})


def test_without_any_setting_the_defaults_hold() -> None:
    config = read_config({}, {"XDG_DATA_HOME": "/share"})

    assert config == Config(data=Path("/share/openrooms"))


def test_without_a_data_home_the_data_is_in_the_users_own() -> None:
    assert read_config({}, {}).data == Path.home() / ".local/share/openrooms"


def test_flags_beat_the_environment_and_that_beats_the_file(folder: Path) -> None:
    (folder / "openrooms.toml").write_text("https_port = 1\nhttp_port = 1\nmedia_port = 1\n")
    environ = {"OPENROOMS_HTTP_PORT": "2", "OPENROOMS_MEDIA_PORT": "2", "OTHER": "x"}

    config = read(folder, environ, media_port="3", https_port=None)

    assert (config.https_port, config.http_port, config.media_port) == (1, 2, 3)


def test_a_file_may_be_named(folder: Path) -> None:
    (folder / "other.toml").write_text('log_level = "debug"\n')

    assert read(folder, config=str(folder / "other.toml")).log_level == "debug"


def test_every_kind_of_value_is_read(folder: Path) -> None:
    environ = {
        "OPENROOMS_DEMO": "on",
        "OPENROOMS_PUBLIC_HOST": "Rooms.Example",
        "OPENROOMS_CLOCK_OFFSET": "~/offset",
        "OPENROOMS_MASTER_KEY": "secret",
    }

    config = read(folder, environ)

    assert config.demo
    assert config.public_host == "rooms.example"
    assert config.clock_offset == Path.home() / "offset"
    assert config.master_key == "secret"
    assert "secret" not in repr(config)


@pytest.mark.parametrize(
    ("host", "known_as"),
    [
        ("192.168.1.7", "192.168.1.7"),
        ("FD00::7", "fd00::7"),
        ("[fd00::7]", "fd00::7"),
        ("a-b.c", "a-b.c"),
    ],
)
def test_a_public_host_is_a_name_or_an_address(folder: Path, host: str, known_as: str) -> None:
    assert read(folder, public_host=host).public_host == known_as


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("https_port", "70000", "--https-port.*'70000' is not a port.*0 to 65535"),
        ("http_port", "eighty", "--http-port.*'eighty'"),
        ("http_port", "８０", "--http-port"),  # noqa: RUF001 - digits, and none of ours
        ("media_port", "-1", "--media-port.*'-1'"),
        ("media_port", True, "--media-port.*True"),
        ("public_host", "not a name", "--public-host.*'not a name'"),
        ("public_host", "https://x", "--public-host"),
        ("public_host", "x:8443", "--public-host"),
        ("public_host", "1.2.3", "--public-host"),
        ("public_host", "a" * 254, "--public-host"),
        ("demo", "perhaps", "--demo.*neither on nor off"),
        ("log_level", "loud", "--log-level.*debug, info, warning, error"),
        ("profile", "staging", "--profile.*dev, production"),
        ("clock_offset", "", "--clock-offset.*no path"),
        ("clock_offset", "~nobody-of-this-name/x", "--clock-offset.*home"),
        ("roster_limit", "0", "--roster-limit"),
        ("media_address", "rooms.example", "--media-address.*IP address"),
        ("media_address", "0.0.0.0", "--media-address.*no address that others"),
        ("turn_tls_address", "rooms.example", "--turn-tls-address.*name with a port"),
        ("turn_tls_address", "rooms.example:0", "--turn-tls-address"),
        ("turn_tls_address", "https://x:443", "--turn-tls-address"),
        ("public_port", "0", "--public-port.*1 to 65535"),
    ],
)
def test_a_value_that_cannot_be_is_named(folder: Path, name: str, value: object, told: str) -> None:
    with pytest.raises(BadSetting, match=rf"^Setting {name} \({told}"):
        read_config({"data": str(folder), name: value}, {})


def test_an_unknown_name_in_the_file_is_told_the_nearest(folder: Path) -> None:
    (folder / "openrooms.toml").write_text("https_prot = 1\n")

    with pytest.raises(BadSetting, match=r"https_prot .*openrooms\.toml\).*https_port\."):
        read(folder)


def test_an_unknown_name_in_the_environment_is_told_the_nearest(folder: Path) -> None:
    with pytest.raises(BadSetting, match=r"OPENROOMS_LOGLEVEL.*log_level\."):
        read(folder, {"OPENROOMS_LOGLEVEL": "info"})


@pytest.mark.parametrize("name", ["data", "master_key"])
def test_what_belongs_in_no_file_is_refused_there(folder: Path, name: str) -> None:
    (folder / "openrooms.toml").write_text(f'{name} = "x"\n')

    with pytest.raises(BadSetting, match=f"cannot stand in a file.*OPENROOMS_{name.upper()}"):
        read(folder)


def test_a_number_in_the_file_may_not_be_a_fraction(folder: Path) -> None:
    (folder / "openrooms.toml").write_text("https_port = 1.5\n")

    with pytest.raises(BadSetting, match="https_port"):
        read(folder)


@pytest.mark.parametrize("text", ["https_port = ", "\xff"])
def test_a_file_that_is_no_toml_is_named(folder: Path, text: str) -> None:
    (folder / "openrooms.toml").write_bytes(text.encode("latin-1"))

    with pytest.raises(BadSetting, match=r"openrooms\.toml: .*Correct it"):
        read(folder)


def test_a_named_file_must_be_there(folder: Path) -> None:
    with pytest.raises(BadSetting, match=r"nowhere.*--config"):
        read(folder, config="/nowhere")


def test_two_listeners_cannot_share_a_port(folder: Path) -> None:
    with pytest.raises(BadSetting, match="https_port and http_port"):
        read(folder, https_port="9000", http_port="9000")
    assert read(folder, https_port="0", http_port="0").https_port == 0


def test_a_default_window_is_no_longer_than_the_longest(folder: Path) -> None:
    (folder / "openrooms.toml").write_text("longest_window_days = 30\ndefault_window_days = 31\n")

    with pytest.raises(BadSetting, match=r"default_window_days.*31.*longest_window_days.*30"):
        read(folder)


@given(st.integers(0, 65535))
def test_every_port_is_a_port(port: int) -> None:
    assert read_config({"https_port": str(port), "http_port": 0}, {}).https_port == port


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    for name in ("https_port", "public_host", "clock_offset", "demo", "log_level"):
        try:
            read_config({name: text}, {})
        except BadSetting as bad:
            assert name in str(bad)  # noqa: PT017 - a good text may be among them


@pytest.mark.parametrize(
    "given", ["10.0.0.1, fd00::/8", ["10.0.0.1", "fd00::/8"], "10.0.0.1,,fd00::/8"]
)
def test_proxies_are_addresses_and_networks(folder: Path, given: object) -> None:
    config = read(folder, trusted_proxies=given)

    assert [str(one) for one in config.trusted_proxies] == ["10.0.0.1/32", "fd00::/8"]


@pytest.mark.parametrize("given", ["10.0.0.1/8", "proxy.example", "10.0.0.1 10.0.0.2", [7.5]])
def test_what_is_no_network_is_no_proxy(folder: Path, given: object) -> None:
    with pytest.raises(BadSetting, match=r"trusted_proxies.*Give addresses or networks"):
        read(folder, trusted_proxies=given)


@pytest.mark.parametrize(
    "issuer",
    [
        "https://id.example/realms/main",
        "https://login.example/tenant/v2.0/",
        "http://localhost:8081/realm",
        "http://127.0.0.1:8081",
        "http://[::1]:8081",
    ],
)
def test_an_issuer_is_kept_as_it_is_written(folder: Path, issuer: str) -> None:
    assert read(folder, {"OPENROOMS_OIDC_ISSUER": issuer}).oidc_issuer == issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "id.example",
        "https://",
        "http://id.example",
        "http://localhost.example",
        "https://user:word@id.example",
        "https://id.example?a=b",
        "https://id.example#a",
        "https://id.example/\n",
        "https://ïd.example",
        "https://[",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_safe_issuer_is_refused(folder: Path, issuer: str) -> None:
    with pytest.raises(BadSetting, match=r"^Setting oidc_issuer"):
        read(folder, {"OPENROOMS_OIDC_ISSUER": issuer})


@pytest.mark.parametrize("word", ["", " x", "x\n", "x" * 257])
def test_a_word_of_a_token_has_no_space_around(folder: Path, word: str) -> None:
    with pytest.raises(BadSetting, match=r"^Setting oidc_role "):
        read(folder, {"OPENROOMS_OIDC_ROLE": word})


URL = "postgresql://user:a%20secret@host:5433/name"


def test_a_database_with_its_password_is_read_from_environment_or_file_and_not_shown(
    folder: Path,
) -> None:
    config = read(folder, {"OPENROOMS_DATABASE": URL})
    (folder / "openrooms.toml").write_text(f'database = "{URL}"\n')

    assert config.database == read(folder).database == URL
    assert "secret" not in repr(config)


@pytest.mark.parametrize("url", [URL, "postgresql://host/name?password=secret"])
def test_a_flag_must_not_hold_a_password(folder: Path, url: str) -> None:
    with pytest.raises(BadSetting, match=r"OPENROOMS_DATABASE.*PGPASSFILE") as refused:
        read(folder, database=url)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["", "mysql://user:secret@host/name", "secret", "postgresql:\0"])
def test_another_database_than_postgresql_is_refused_and_not_repeated(
    folder: Path, url: str
) -> None:
    with pytest.raises(BadSetting, match="postgresql://USER@HOST:PORT/NAME") as refused:
        read(folder, {"OPENROOMS_DATABASE": url})

    assert "secret" not in str(refused.value)


def test_a_server_of_apis_alone_needs_a_database_that_others_share(folder: Path) -> None:
    config = read(folder, api_only=True, database="postgres://host/name")

    assert config.api_only
    with pytest.raises(BadSetting, match=r"api_only.*--database"):
        read(folder, api_only=True)
    with pytest.raises(BadSetting, match="api_only and demo"):
        read(folder, api_only=True, demo=True, database="postgres://host/name")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_an_engine_that_runs_apart_is_on_this_machine(folder: Path, host: str) -> None:
    assert read(folder, engine_url=f"http://{host}:7880").engine_url == "http://127.0.0.1:7880"


@pytest.mark.parametrize(
    "url",
    [
        *("", "7880", "127.0.0.1:7880", "http://127.0.0.1", "https://127.0.0.1:7880"),
        *("http://10.0.0.1:7880", "http://127.0.0.1:7880/", "http://127.0.0.1:0"),
        *("http://user@127.0.0.1:7880", "http://127.0.0.1:port", "http://[::1"),
        *("http://127.0.0.1:99999", "http://localhost.example:7880"),
    ],
)
def test_an_engine_anywhere_else_is_refused(folder: Path, url: str) -> None:
    with pytest.raises(BadSetting, match=r"engine_url.*http://127\.0\.0\.1:7880"):
        read(folder, engine_url=url)


@pytest.mark.parametrize(
    "given",
    [
        "https://App.example, http://localhost:3000",
        ["https://app.example", "http://localhost:3000"],
    ],
)
def test_origins_are_what_browsers_say_of_pages(folder: Path, given: object) -> None:
    config = read(folder, allowed_origins=given)

    assert config.allowed_origins == {"https://app.example", "http://localhost:3000"}


@pytest.mark.parametrize(
    "given", ["app.example", "https://app.example/", "https://a@b", "null", "*", "ftp://x", [1]]
)
def test_what_is_no_origin_is_told(folder: Path, given: object) -> None:
    with pytest.raises(BadSetting, match=r"allowed_origins.*is no origin"):
        read(folder, allowed_origins=given)


PUBLIC = {"profile": "production", "public_host": "rooms.example"}


def test_where_strangers_come_more_is_limited_unless_set(folder: Path) -> None:
    there = read(folder, {}, **PUBLIC)
    other = read(folder, {}, **PUBLIC, limit_requests="off", signature_window_minutes="5")
    here = read(folder, public_host="rooms.example")

    assert (there.limit_requests, there.signature_window_minutes) == (True, 15)
    assert (other.limit_requests, other.signature_window_minutes) == (False, 5)
    assert (here.limit_requests, here.signature_window_minutes) == (False, 0)
    assert (there.is_dev, here.is_dev) == (False, True)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ({"profile": "production"}, "profile: production needs the name"),
        (PUBLIC | {"demo": "on"}, "demo: it is for trying things out"),
        (PUBLIC | {"clock_offset": "/x"}, "clock_offset: it is for trying things out"),
        ({"certificate": "/x"}, "certificate and certificate_key: one of them"),
        ({"certificate_key": "/x"}, "certificate and certificate_key: one of them"),
        ({"public_port": "443"}, "public_port: it is for a server with a public name"),
        ({"media_address": "192.0.2.1"}, "media_address: it is for a server"),
        ({"turn_tls_address": "a.b:443"}, "turn_tls_address: it is for a server"),
    ],
)
def test_what_does_not_go_together_is_told(
    folder: Path, flags: dict[str, object], told: str
) -> None:
    with pytest.raises(BadSetting, match=rf"^Settings? {told}"):
        read(folder, {}, **flags)


def test_addresses_are_read_as_they_are_written_everywhere(folder: Path) -> None:
    config = read(
        folder,
        public_host="x.y",
        media_address="[FD00::1]",
        turn_tls_address="Turn.X.Y:443",
        public_port="443",
    )

    assert (config.media_address, config.turn_tls_address) == ("fd00::1", "turn.x.y:443")
    assert config.public_port == 443
