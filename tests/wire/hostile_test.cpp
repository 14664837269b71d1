// Input meant to do harm, or made by broken clients: the answer is AWS's, the connection ends in a
// defined state, and nothing is stored or done that was not asked for.
#include "emulator/platform/real_clock.hpp"
#include "emulator/stack/constants.hpp"
#include "tests/catch.hpp"
#include "tests/wire/wire.hpp"

using namespace benchtop;
using namespace benchtop::wire;

namespace {

const std::string kPresign =
    "POST /prod/presign HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";

// A presigned target whose signed query carries one more parameter, named before "X-Amz-" or not.
std::string presigned(std::string_view method, const std::string& key, const std::string& more) {
    const std::string date = to_amz_date(platform::RealClock().now());
    const std::string path = kBucketPath + "/" + key;
    const std::string query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" +
                              std::string(stack::kAdministratorAccessKeyId) + "%2F" +
                              date.substr(0, 8) +
                              "%2Fus-east-2%2Fs3%2Faws4_request&X-Amz-Date=" + date +
                              "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&" + more;
    handlers::aws::SigningInput input;
    input.method = method;
    input.path = path;
    input.query = query;
    input.headers = {{"Host", host()}};
    input.payload_hash = handlers::aws::unsigned_payload;
    return path + "?" + query + "&X-Amz-Signature=" +
           handlers::aws::signature(
               input,
               {date, "us-east-2"},
               {std::string(stack::kAdministratorAccessKeyId),
                std::string(stack::kAdministratorSecretKey),
                ""}
           );
}

} // namespace

TEST_CASE("a head in doubt is refused, and what follows it is never a request", "[wire][http]") {
    const std::string heads[] = {
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n",
        std::string("GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n", 36),
        "GET / HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX Y: b\r\n\r\n",
        "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET / http/1.1\r\nHost: a\r\n\r\n",
        "GET /\r\nHost: a\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    };
    const std::string& smuggled = put("wire/smuggled", "x");
    for (const std::string& head : heads) {
        CAPTURE(head);
        Wire wire;
        wire.send(head + smuggled);
        const Answer answer = wire.receive();
        CHECK(answer.status() == 400);
        CHECK(answer.code() == "BadRequest");
        CHECK(answer.header("Connection") == "close");
        CHECK(wire.closed());
    }
    CHECK_FALSE(stored("wire/smuggled"));
}

TEST_CASE("a transfer coding other than chunked frames no body", "[wire][http]") {
    for (const std::string coding :
         {"gzip", "chunked, gzip", "xchunked", "identity", "chunked x"}) {
        CAPTURE(coding);
        Wire wire;
        wire.send(
            signed_head(
                "PUT", kBucketPath + "/wire/coding", "Transfer-Encoding: " + coding + "\r\n"
            ) +
            "5\r\nhello\r\n0\r\n\r\n" + put("wire/smuggled", "x")
        );
        const Answer answer = wire.receive();
        CHECK(answer.status() >= 400);
        CHECK(answer.header("Connection") == "close");
        CHECK(wire.closed());
    }
    CHECK_FALSE(stored("wire/coding"));
    CHECK_FALSE(stored("wire/smuggled"));
}

TEST_CASE("a refused request ends the pipeline behind it", "[wire][http]") {
    Wire wire;
    wire.send(put("wire/before", "1") + "nonsense\r\n\r\n" + put("wire/after", "2"));
    CHECK(wire.receive().status() == 200);
    CHECK(wire.receive().status() == 400);
    CHECK(wire.closed());
    CHECK(stored("wire/before"));
    CHECK_FALSE(stored("wire/after"));
}

TEST_CASE("bytes beyond the announced body are the next request, good or bad", "[wire][s3]") {
    Wire wire;
    wire.send(
        signed_head("PUT", kBucketPath + "/wire/three", "Content-Length: 3\r\n") + "abcdef\r\n\r\n"
    );
    CHECK(wire.receive().status() == 200);
    CHECK(wire.receive().status() == 400);
    CHECK(wire.closed());
    Wire again;
    again.send(signed_head("GET", kBucketPath + "/wire/three", ""));
    CHECK(again.receive().body == "abc");
}

TEST_CASE("chunk framing that is wrong or without end is refused", "[wire][http]") {
    const std::string bodies[] = {
        "zz\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "10000000000000000\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloXX0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5;" + std::string(8'000'000, 'a'),
        "0\r\nx: " + std::string(8'000'000, 'a'),
    };
    for (const std::string& body : bodies) {
        CAPTURE(body.substr(0, 20));
        Wire api(emulator().api_port());
        api.send(kPresign + body);
        const Answer answer = api.receive();
        CHECK(answer.status() == 400);
        CHECK(answer.body == R"({"message":"Bad Request"})");
        CHECK(api.closed());
        Wire s3;
        s3.send(
            signed_head(
                "PUT",
                kBucketPath + "/wire/chunk",
                "Transfer-Encoding: chunked\r\n",
                "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                {{"X-Amz-Decoded-Content-Length", "5"}, {"X-Amz-Trailer", "x-amz-checksum-crc32"}}
            ) +
            body
        );
        CHECK(s3.receive().status() == 400);
        CHECK(s3.closed());
    }
    CHECK_FALSE(stored("wire/chunk"));
    // Chunks and trailers in good order, a byte at a time.
    Wire slow(emulator().api_port());
    for (const char byte : kPresign + "2;x=y\r\n{}\r\n0\r\nx-trailer: 1\r\n\r\n") {
        slow.send({&byte, 1});
    }
    CHECK(slow.receive().status() == 200);
}

TEST_CASE("a target without end is refused, a key of 1025 bytes by its name", "[wire][s3]") {
    Wire wire;
    wire.send(signed_head("GET", kBucketPath + "/" + std::string(1025, 'k'), ""));
    const Answer key = wire.receive();
    CHECK(key.status() == 400);
    CHECK(key.code() == "KeyTooLongError");
    Wire endless;
    endless.send("GET /" + std::string(100'000, 'k') + " HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
    const Answer refused = endless.receive();
    CHECK(refused.status() == 400);
    CHECK(endless.closed());
    Wire lines;
    std::string head = "GET /b HTTP/1.1\r\nHost: " + host() + "\r\n";
    for (int i = 0; i < 2000; ++i) {
        head += "x: y\r\n";
    }
    lines.send(head + "\r\n");
    CHECK(lines.receive().code() == "RequestHeaderSectionTooLarge");
}

TEST_CASE("a method S3 does not know gets 405 with what is allowed", "[wire][s3]") {
    Wire wire;
    for (const std::string method : {"PATCH", "PURGE"}) {
        CAPTURE(method);
        wire.send(method + " " + kBucketPath + "/k HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
        const Answer answer = wire.receive();
        CHECK(answer.status() == 405);
        CHECK(answer.code() == "MethodNotAllowed");
        CHECK(answer.header("Allow") == "HEAD, DELETE, POST, GET, PUT");
    }
}

TEST_CASE("an answer to HEAD has no body, whatever it says", "[wire][s3]") {
    Wire wire;
    wire.send(
        signed_head("HEAD", kBucketPath + "/wire/no-such", "") +
        signed_head("HEAD", "/no-such-bucket-anywhere/k", "") + put("wire/head", "hello")
    );
    for (int i = 0; i < 2; ++i) {
        const Answer answer = wire.receive(true);
        CHECK(answer.status() == 404);
        CHECK(answer.header("Content-Length").empty());
        CHECK(answer.header("Transfer-Encoding").empty());
    }
    // The next bytes are the next answer's.
    const Answer stored_answer = wire.receive();
    CHECK(stored_answer.status() == 200);
    wire.send(
        signed_head(
            "GET",
            kBucketPath + "/wire/head",
            "If-None-Match: " + stored_answer.header("ETag") + "\r\n"
        ) +
        signed_head("DELETE", kBucketPath + "/wire/head", "")
    );
    const Answer unchanged = wire.receive();
    CHECK(unchanged.status() == 304);
    CHECK(unchanged.header("Content-Length").empty());
    const Answer deleted = wire.receive();
    CHECK(deleted.status() == 204);
    CHECK(deleted.header("Content-Length").empty());
}

TEST_CASE("metadata out of a presigned query adds no header to later answers", "[wire][s3]") {
    Wire wire;
    wire.send(
        "PUT " +
        presigned("PUT", "wire/meta", "x-amz-meta-note=a%0D%0AX-Evil%3A%20yes%0D%0A%0D%0Abody") +
        " HTTP/1.1\r\nHost: " + host() + "\r\nContent-Length: 1\r\n\r\nx"
    );
    const Answer accepted = wire.receive();
    CHECK(accepted.head.find("X-Evil: yes") == std::string::npos);
    Wire later;
    later.send(signed_head("HEAD", kBucketPath + "/wire/meta", ""));
    const Answer answer = later.receive(true);
    CHECK(answer.head.find("\r\nX-Evil") == std::string::npos);
    CHECK(answer.status() == (accepted.status() == 200 ? 200 : 404));
    for (const std::string name :
         {"content-type", "content-disposition", "cache-control", "expires", "content-language"}) {
        CAPTURE(name);
        Wire asked;
        asked.send(put("wire/asked", "x"));
        CHECK(asked.receive().status() == 200);
        asked.send(signed_head(
            "GET", kBucketPath + "/wire/asked?response-" + name + "=a%0D%0AX-Evil%3A%20yes", ""
        ));
        CHECK(asked.receive().head.find("\r\nX-Evil") == std::string::npos);
    }
}

TEST_CASE("HTTP/1.0 closes after one answer, also when asked not to", "[wire][http]") {
    Wire wire;
    wire.send("GET /_benchtop/health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const Answer answer = wire.receive();
    CHECK(answer.status() == 200);
    CHECK(answer.header("Connection") == "close");
    CHECK(answer.header("Transfer-Encoding").empty());
    CHECK(wire.closed());
    // An error document, chunked otherwise, has a length here.
    Wire error;
    error.send("GET " + kBucketPath + "/k HTTP/1.0\r\nHost: " + host() + "\r\n\r\n");
    const Answer refused = error.receive();
    CHECK(refused.status() == 403);
    CHECK(refused.header("Transfer-Encoding").empty());
    CHECK(refused.code() == "AccessDenied");
    CHECK(error.closed());
}
