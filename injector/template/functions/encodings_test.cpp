#include <doctest/doctest.h>

#include "injector/template/functions/rows.h"

using namespace sluice::tmpl;

TEST_CASE("encodings and hashes are sprig's") {
  const Row rows[] = {
      {R"({{ b64enc "" }} {{ b32enc "" }})", " "},
      {R"({{ b64enc "a" }} {{ b32enc "a" }})", "YQ== ME======"},
      {R"({{ b64enc "ab" }} {{ b32enc "ab" }})", "YWI= MFRA===="},
      {R"({{ b64enc "abc" }} {{ b32enc "abc" }})", "YWJj MFRGG==="},
      {R"({{ b64enc "hello é" }} {{ b32enc "hello é" }})", "aGVsbG8gw6k= NBSWY3DPEDB2S==="},
      {R"({{ b64enc "\x00\xff" }} {{ b32enc "\x00\xff" }})", "AP8= AD7Q===="},
      {R"({{ b64dec "" | quote }})", R"("")"},
      {R"({{ b64dec "YQ==" | quote }})", R"("a")"},
      {R"({{ b64dec "YWI=" | quote }})", R"("ab")"},
      {R"({{ b64dec "YWJj" | quote }})", R"("abc")"},
      {R"({{ b64dec "YQ=" | quote }})", R"("illegal base64 data at input byte 3")"},
      {R"({{ b64dec "YQ" | quote }})", R"("illegal base64 data at input byte 0")"},
      {R"({{ b64dec "Y" | quote }})", R"("illegal base64 data at input byte 0")"},
      {R"({{ b64dec "YQ==x" | quote }})", R"("illegal base64 data at input byte 4")"},
      {R"({{ b64dec "Y Q==" | quote }})", R"("illegal base64 data at input byte 1")"},
      {R"({{ b64dec "YW\nI=" | quote }})", R"("ab")"},
      {R"({{ b64dec "!!!!" | quote }})", R"("illegal base64 data at input byte 0")"},
      {R"({{ b64dec "YQ==\n" | quote }})", R"("a")"},
      {R"({{ b64dec "Y===" | quote }})", R"("illegal base64 data at input byte 1")"},
      {R"({{ b64dec "=" | quote }})", R"("illegal base64 data at input byte 0")"},
      {R"({{ b64dec "YWJjZGVmZ2hpamts" | quote }})", R"("abcdefghijkl")"},
      {R"({{ b64dec "YWJjZA" | quote }})", R"("illegal base64 data at input byte 4")"},
      {R"({{ b64dec "YQ=\n=" | quote }})", R"("a")"},
      {R"({{ b64dec "YQ=x" | quote }})", R"("illegal base64 data at input byte 2")"},
      {R"({{ b64dec "YW==" | quote }})", R"("a")"},
      {R"({{ b32dec "" | quote }})", R"("")"},
      {R"({{ b32dec "ME======" | quote }})", R"("a")"},
      {R"({{ b32dec "MFRA====" | quote }})", R"("ab")"},
      {R"({{ b32dec "MFRGG===" | quote }})", R"("abc")"},
      {R"({{ b32dec "MFRGGZA=" | quote }})", R"("abcd")"},
      {R"({{ b32dec "MFRGGZDF" | quote }})", R"("abcde")"},
      {R"({{ b32dec "ME" | quote }})", R"("illegal base32 data at input byte 0")"},
      {R"({{ b32dec "me======" | quote }})", R"("illegal base32 data at input byte 0")"},
      {R"({{ b32dec "ME=====" | quote }})", R"("illegal base32 data at input byte 7")"},
      {R"({{ b32dec "ME======x" | quote }})", R"("a")"},
      {R"({{ b32dec "M=======" | quote }})", R"("illegal base32 data at input byte 1")"},
      {R"({{ b32dec "MFR=====" | quote }})", R"("illegal base32 data at input byte 3")"},
      {R"({{ b32dec "8" | quote }})", R"("illegal base32 data at input byte 0")"},
      {R"({{ b32dec "MF\nRA====" | quote }})", R"("ab")"},
      {R"({{ b32dec "MFRGGZDFME======" | quote }})", R"("abcdea")"},
      {R"({{ b32dec "MFRGGZ==" | quote }})", R"("illegal base32 data at input byte 6")"},
      {R"({{ b32dec "ME=A====" | quote }})", R"("illegal base32 data at input byte 2")"},
      {R"({{ sha1sum "hello" }})", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"},
      {R"({{ sha256sum "" }})", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {R"({{ sha256sum "hello" }})",
       "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"},
      {R"({{ sha512sum "hello" }})",
       "9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b"
       "8c5da0c4663475c2e5c3adef46f73bcdec043"},
      {R"({{ adler32sum "hello" }})", "103547413"},
      {R"({{ adler32sum "" }})", "1"},
      {R"({{ adler32sum "Wikipedia" }})", "300286872"},
      {"{{ sha1sum 5 }}", nullptr, R"(1:11: executing "row" at <5>: expected string; found 5)"},
  };
  check_rows(R"json({})json", rows);
}
