// Raw bytes in, raw bytes out, over real sockets: framing, order of answers and the state a
// connection is left in.
#include "emulator/stack/constants.hpp"
#include "tests/catch.hpp"
#include "tests/wire/wire.hpp"

using namespace benchtop;
using namespace benchtop::wire;

TEST_CASE("headers come in the order recorded from AWS", "[wire][s3]") {
    Wire wire;
    wire.send(put("wire/order", "hello"));
    const Answer success = wire.receive();
    CHECK(success.status() == 200);
    CHECK(
        success.names() == "x-amz-id-2 x-amz-request-id Date x-amz-server-side-encryption ETag "
                           "x-amz-checksum-crc64nvme x-amz-checksum-type Content-Length Server"
    );
    wire.send(signed_head("GET", kBucketPath + "/wire/none", ""));
    const Answer error = wire.receive();
    CHECK(error.status() == 404);
    CHECK(
        error.names() == "x-amz-request-id x-amz-id-2 Content-Type Transfer-Encoding Date Server"
    );
    CHECK(error.code() == "NoSuchKey");
    // Both on one connection: a 404 does not close it.
    wire.send(signed_head("HEAD", kBucketPath + "/wire/order", ""));
    const Answer head = wire.receive(true);
    CHECK(head.status() == 200);
    CHECK(head.header("Content-Length") == "5");
}

TEST_CASE("pipelined requests are answered in order", "[wire][http]") {
    Wire wire;
    wire.send(
        put("wire/p1", "one") + signed_head("GET", kBucketPath + "/wire/p1", "") +
        put("wire/p2", "two")
    );
    CHECK(wire.receive().status() == 200);
    CHECK(wire.receive().body == "one");
    CHECK(wire.receive().status() == 200);
    CHECK(stored("wire/p2"));
}

TEST_CASE("100 Continue is sent when the head is accepted, and only then", "[wire][http]") {
    Wire good;
    good.send(signed_head(
        "PUT", kBucketPath + "/wire/continue", "Content-Length: 5\r\nExpect: 100-continue\r\n"
    ));
    CHECK(good.receive().status() == 100);
    good.send("hello");
    CHECK(good.receive().status() == 200);

    Wire refused;
    refused.send(
        "PUT " + kBucketPath + "/wire/refused HTTP/1.1\r\nHost: " + host() +
        "\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    );
    const Answer answer = refused.receive();
    CHECK(answer.status() == 403);
    CHECK(answer.header("Connection") == "close");
    CHECK(refused.closed());
    CHECK_FALSE(stored("wire/refused"));
}

TEST_CASE("a body without a length, or in plain chunks, is refused", "[wire][s3]") {
    Wire no_length;
    no_length.send(signed_head("PUT", kBucketPath + "/wire/n", ""));
    const Answer length = no_length.receive();
    CHECK(length.status() == 411);
    CHECK(length.code() == "MissingContentLength");
    CHECK(no_length.closed());

    Wire chunked;
    chunked.send(
        signed_head("PUT", kBucketPath + "/wire/n", "Transfer-Encoding: chunked\r\n") +
        "5\r\nhello\r\n0\r\n\r\n"
    );
    const Answer answer = chunked.receive();
    CHECK(answer.status() == 501);
    CHECK(answer.body.find("<Header>Transfer-Encoding</Header>") != std::string::npos);
    CHECK_FALSE(stored("wire/n"));
}

TEST_CASE("an aws-chunked body is decoded under either framing of HTTP", "[wire][s3]") {
    const std::string body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    const handlers::aws::HttpHeaders more{
        {"X-Amz-Decoded-Content-Length", "5"}, {"X-Amz-Trailer", "x-amz-checksum-crc32"}};
    const char* const hash = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    Wire wire;
    wire.send(
        signed_head(
            "PUT",
            kBucketPath + "/wire/length",
            "Content-Length: " + std::to_string(body.size()) + "\r\n",
            hash,
            more
        ) +
        body
    );
    CHECK(wire.receive().status() == 200);
    wire.send(signed_head(
        "PUT", kBucketPath + "/wire/chunks", "Transfer-Encoding: chunked\r\n", hash, more
    ));
    REQUIRE(body.size() == 0x2e);
    wire.send("2e\r\n" + body + "\r\n0\r\n\r\n");
    CHECK(wire.receive().status() == 200);
    wire.send(signed_head("GET", kBucketPath + "/wire/chunks", ""));
    CHECK(wire.receive().body == "hello");
}

TEST_CASE("a request without Host, or with two, is refused with an empty answer", "[wire][http]") {
    for (const std::string head :
         {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"}) {
        Wire wire;
        wire.send(head);
        const Answer answer = wire.receive();
        CHECK(answer.status() == 400);
        CHECK(answer.body.empty());
        CHECK(answer.header("Connection") == "close");
        CHECK(answer.header("x-amz-request-id").empty());
        CHECK(wire.closed());
    }
}

TEST_CASE("what is no HTTP gets BadRequest and a closed connection", "[wire][http]") {
    const std::string heads[] = {
        "nonsense\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 29),
    };
    for (const std::string& head : heads) {
        CAPTURE(head);
        Wire wire;
        wire.send(head);
        const Answer answer = wire.receive();
        CHECK(answer.status() == 400);
        CHECK(wire.closed());
    }
}

TEST_CASE("a header section over 8192 bytes is refused by name", "[wire][s3]") {
    for (const std::size_t size : {9'000u, 60'000u, 200'000u}) {
        Wire wire;
        wire.send(
            "GET /b HTTP/1.1\r\nHost: " + host() + "\r\nx-a: " + std::string(size, 'a') + "\r\n\r\n"
        );
        const Answer answer = wire.receive();
        CHECK(answer.status() == 400);
        CHECK(answer.code() == "RequestHeaderSectionTooLarge");
        CHECK(answer.body.find("<MaxSizeAllowed>8192</MaxSizeAllowed>") != std::string::npos);
    }
}

TEST_CASE("a body that breaks off leaves nothing behind", "[wire][s3]") {
    for (const std::size_t announced : {10u, 2'000'000u}) {
        Wire wire;
        wire.send(
            signed_head(
                "PUT",
                kBucketPath + "/wire/half",
                "Content-Length: " + std::to_string(announced) + "\r\n"
            ) +
            "hello"
        );
        wire.end_sending();
        CHECK(wire.closed());
        CHECK_FALSE(stored("wire/half"));
    }
    // Bytes beyond the announced length are the next request.
    Wire wire;
    wire.send(
        signed_head("PUT", kBucketPath + "/wire/part", "Content-Length: 3\r\n") + "abc" +
        signed_head("GET", kBucketPath + "/wire/part", "")
    );
    CHECK(wire.receive().status() == 200);
    CHECK(wire.receive().body == "abc");
}

TEST_CASE("a large body refused early still gets its answer whole", "[wire][http]") {
    Wire wire;
    const std::string body(3'000'000, 'x');
    wire.send(
        "PUT " + kBucketPath + "/wire/large HTTP/1.1\r\nHost: " + host() +
        "\r\nContent-Length: 3000000\r\n\r\n"
    );
    wire.send(body);
    const Answer answer = wire.receive();
    CHECK(answer.complete);
    CHECK(answer.status() == 403);
    CHECK(answer.code() == "AccessDenied");
    CHECK_FALSE(stored("wire/large"));
}

TEST_CASE("HTTP/1.0 and absolute-form targets are understood", "[wire][http]") {
    Wire old;
    old.send("GET /_benchtop/health HTTP/1.0\r\n\r\n");
    const Answer answer = old.receive();
    CHECK(answer.status() == 200);
    CHECK(old.closed());

    Wire absolute;
    absolute.send(
        "GET http://" + host() + "/_benchtop/health HTTP/1.1\r\nHost: " + host() + "\r\n\r\n"
    );
    CHECK(absolute.receive().status() == 200);
}

TEST_CASE("one API, three ways to it", "[wire][apigateway]") {
    const std::string id(stack::kLabApiId);
    Wire by_host;
    by_host.send(
        "POST /prod/presign HTTP/1.1\r\nHost: " + id +
        ".execute-api.us-east-2.amazonaws.com\r\nContent-Length: 0\r\n\r\n"
    );
    const Answer answer = by_host.receive();
    CHECK(answer.status() == 200);
    CHECK(
        answer.names() ==
        "Date Content-Type Content-Length Connection Access-Control-Allow-Origin "
        "Access-Control-Allow-Headers Access-Control-Allow-Methods Apigw-Requestid"
    );
    CHECK(answer.header("Connection") == "keep-alive");
    by_host.send(
        "GET /prod/presign HTTP/1.1\r\nHost: " + id + ".execute-api.us-east-2.localhost\r\n\r\n"
    );
    const Answer wrong = by_host.receive();
    CHECK(wrong.status() == 404);
    CHECK(wrong.body == R"({"message":"Not Found"})");

    Wire by_path;
    by_path.send(
        "POST /_aws/execute-api/" + id +
        "/prod/presign HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    );
    CHECK(by_path.receive().status() == 200);

    Wire by_port(emulator().api_port());
    by_port.send("POST /prod/presign HTTP/1.1\r\nHost: localhost:4567\r\nContent-Length: 0\r\n\r\n"
    );
    CHECK(by_port.receive().status() == 200);
    by_port.send("POST /prod HTTP/1.1\r\nHost: localhost:4567\r\nContent-Length: 0\r\n\r\n");
    CHECK(by_port.receive().status() == 404);
}

TEST_CASE("on the API's own port API Gateway refuses what is no HTTP", "[wire][apigateway]") {
    Wire nonsense(emulator().api_port());
    nonsense.send("nonsense\r\n\r\n");
    const Answer bad = nonsense.receive();
    CHECK(bad.status() == 400);
    CHECK(bad.body == R"({"message":"Bad Request"})");
    CHECK(nonsense.closed());
    Wire large(emulator().api_port());
    large.send("GET /prod HTTP/1.1\r\nHost: a\r\nx-a: " + std::string(20'000, 'a') + "\r\n\r\n");
    const Answer refused = large.receive();
    CHECK(refused.status() == 431);
    CHECK(refused.body == R"({"message":"Request Header Fields Too Large"})");
}

TEST_CASE("pages under /_benchtop/ are not for web pages of other origins", "[wire][admin]") {
    Wire wire;
    wire.send(
        "GET /_benchtop/clock HTTP/1.1\r\nHost: " + host() + "\r\nOrigin: http://evil.test\r\n\r\n"
    );
    CHECK(wire.receive().status() == 403);
    // A name that was rebound to this machine reaches S3, not the administration.
    wire.send("GET /_benchtop/clock HTTP/1.1\r\nHost: evil.test\r\n\r\n");
    CHECK(wire.receive().status() != 200);
}

TEST_CASE("no stored or asked-for value can add a header to an answer", "[wire][s3]") {
    Wire wire;
    wire.send(put("wire/inject", "x"));
    CHECK(wire.receive().status() == 200);
    wire.send(signed_head(
        "GET", kBucketPath + "/wire/inject?response-content-type=a%0D%0AX-Evil%3A%20yes", ""
    ));
    const Answer answer = wire.receive();
    CHECK(answer.head.find("X-Evil: yes") == std::string::npos);
}
