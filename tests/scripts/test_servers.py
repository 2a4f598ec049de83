"""The servers that come with the packages: data survives, folders may be called anything, commands share them."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2
import pytest
import redis

from scripts.servers import (
    FolderInUse,
    Servers,
    embedded,
    folder_lock,
    free_port,
    redis_answers,
    secret_key,
    start_redis,
)

pytestmark = pytest.mark.slow
LONG = "一个名字很长、含有空格和 'quotes' 的文件夹" * 2


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    parts = urlsplit(url)
    host = unquote(parts.netloc.partition("@")[2])
    connection = psycopg2.connect(host=host, user="postgres", dbname=parts.path[1:])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.mark.parametrize("name", ["plain", LONG])
def test_what_is_written_is_there_after_a_restart(tmp_path: Path, name: str) -> None:
    servers = Servers(tmp_path / name)
    with folder_lock(tmp_path / name):
        urls = servers.start()
        query(urls["DATABASE_URL"], "CREATE TABLE kept AS SELECT '需求' AS word")
        redis.Redis.from_url(urls["REDIS_URL"]).set("kept", "成果")
        servers.stop()
        urls = servers.start()
        assert query(urls["DATABASE_URL"], "SELECT word FROM kept") == [("需求",)]
        assert redis.Redis.from_url(urls["REDIS_URL"]).get("kept") == "成果".encode()
        servers.stop()
    assert not redis_answers(urls["REDIS_URL"])


def test_a_second_command_joins_the_servers_that_run(tmp_path: Path) -> None:
    with embedded(tmp_path) as first:
        with embedded(tmp_path) as second:
            assert second == first
        assert redis_answers(first["REDIS_URL"])
    assert not redis_answers(first["REDIS_URL"])


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    with folder_lock(tmp_path), pytest.raises(FolderInUse, match=str(os.getpid())), folder_lock(tmp_path):
        pass
    with folder_lock(tmp_path):
        pass


def test_servers_named_in_the_environment_are_used_and_not_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, url = start_redis(tmp_path / "other")
    monkeypatch.setenv("REDIS_URL", url)
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/else")
    with embedded(tmp_path / "ours") as urls:
        assert urls == {"REDIS_URL": url, "DATABASE_URL": "postgres://somewhere/else"}
        assert not (tmp_path / "ours" / "postgres").exists()
    assert redis_answers(url)
    other.stop(seconds=5)


def test_redis_refuses_who_does_not_know_the_password(tmp_path: Path) -> None:
    port = free_port()
    server, _ = start_redis(tmp_path, port=port)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=port).get("anything")
    server.stop(seconds=5)


def test_the_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = secret_key(tmp_path)
    assert len(first) >= 50
    assert secret_key(tmp_path) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
