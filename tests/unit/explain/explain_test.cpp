// What is shown beside the mistake's name, URLs as they are pasted, and requests that mean harm.
#include "emulator/explain/url_reading.hpp"
#include "tests/catch.hpp"
#include "tests/unit/explain/recorded_requests.hpp"

#include <algorithm>

using namespace recorded;

namespace {

const Request& of_client(std::string_view name) {
    const auto& all = requests();
    return *std::find_if(all.begin(), all.end(), [&](const Request& request) {
        return request.client == name;
    });
}

std::string presigned_url() {
    const Request& request = of_client("presigned");
    return "http://" + std::string(request.head.host()) + request.head.target;
}

explain::UrlReading
read(std::string_view text, microseconds later = microseconds{0}, const TimeAxis& axis = {}) {
    const Case one = good(of_client("presigned"));
    return explain::read_url({text, one.now + later, axis}, known(one));
}

std::string first_mistake(const explain::UrlReading& reading) {
    return reading.findings.empty() ? "" : reading.findings.front().mistake;
}

bool contains(std::string_view whole, std::string_view part) {
    return whole.find(part) != std::string_view::npos;
}

} // namespace

TEST_CASE("Both canonical requests and their first difference are shown", "[explain]") {
    Case one = good(of_client("boto3"));
    one.request.head.headers.set("Host", "localhost");
    const auto why = explained(one);
    CHECK(why.mistake == "host");
    CHECK(why.certainty == explain::Certainty::Reproduced);
    REQUIRE(why.difference);
    CHECK(why.difference->part == "header host");
    CHECK(why.difference->computed == "host:localhost");
    CHECK(
        why.difference->signed_by_client == "host:" + std::string(of_client("boto3").head.host())
    );
    const std::string text = explain::render_text(why);
    CHECK(contains(text, "canonical request Benchtop computed:\n   1  PUT\n"));
    CHECK(contains(text, "canonical request the client must have signed:\n   1  PUT\n"));
}

TEST_CASE("Two slips at once are both named", "[explain]") {
    Case one = good(of_client("presigned"));
    one.request.head.method = "GET";
    const std::string host(one.request.head.host());
    one.request.head.headers.set("Host", host.substr(0, host.rfind(':')));
    one.request.head.target += "&acl";
    const auto three = explained(one);
    CHECK(three.certainty == explain::Certainty::Likely); // three are too many
    one.request.head.headers.set("Host", host);
    const auto two = explained(one);
    CHECK(two.certainty == explain::Certainty::Reproduced);
    CHECK(two.mistake == "method");
    CHECK(contains(two.cause, " And: "));
    CHECK(contains(two.cause, "acl"));
}

TEST_CASE(
    "When nothing fits, the secret is suspected and no canonical request invented", "[explain]"
) {
    Case one = good(of_client("curl"));
    sign_with_slip(one, [](explain::Message& m) { m.secret = "something else"; });
    const auto why = explained(one);
    CHECK(why.mistake == "wrong-secret");
    CHECK(why.certainty == explain::Certainty::Likely);
    CHECK(!why.computed_request.empty());
    CHECK(why.signed_request.empty());
    CHECK(!why.difference);
}

TEST_CASE("A refusal that was another's is not explained by the signature", "[explain]") {
    Case one = good(of_client("curl"));
    one.request.head.method = "GET";
    const TimeAxis axis;
    auth::VerifyContext context{.now = one.now, .axis = axis};
    context.accepts_body = true;
    CHECK(
        explain::explain_signature({one.request.head, context, "NoSuchKey"}, known(one)).mistake ==
        ""
    );
    CHECK(
        explain::explain_signature({one.request.head, context, "SignatureDoesNotMatch"}, known(one))
            .mistake == "method"
    );
}

TEST_CASE("A secret in the place of the key id is not repeated", "[explain]") {
    Case one = good(of_client("presigned"));
    std::string& target = one.request.head.target;
    const auto at = target.find(one.request.key_id);
    target.replace(at, one.request.key_id.size(), kOtherSecret);
    const auto why = explained(one);
    CHECK(why.mistake == "access-key-swapped");
    CHECK(!contains(why.cause + why.fix, kOtherSecret));
}

TEST_CASE("Requests that mean harm are explained within bounds", "[explain]") {
    Case one = good(of_client("presigned"));
    SECTION("a signature of one letter") {
        const auto at = one.request.head.target.find("X-Amz-Signature=");
        const auto end = one.request.head.target.find('&', at);
        one.request.head.target.replace(
            at,
            (end == std::string::npos ? one.request.head.target.size() : end) - at,
            "X-Amz-Signature=a"
        );
        const auto why = explained(one);
        CHECK(why.mistake == "signature-cut");
        CHECK(why.certainty == explain::Certainty::Likely);
    }
    SECTION("a thousand parameters") {
        for (int i = 0; i < 1000; ++i) {
            one.request.head.target += "&p" + std::to_string(i) + "=" + std::string(10, '%');
        }
        CHECK(explained(one).tried <= 8001);
    }
    SECTION("a hundred signed headers") {
        std::string names = "host";
        for (int i = 0; i < 100; ++i) {
            one.request.head.headers.add("x" + std::to_string(i), std::string(100, 'a'));
            names += "%3Bx" + std::to_string(i);
        }
        replace_in_target(one, "X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=" + names);
        CHECK(explained(one).tried <= 8001);
    }
    SECTION("a megabyte") {
        one.request.head.target += "&a=" + std::string(1 << 20, 'x');
        CHECK(explained(one).tried <= 1);
    }
    SECTION("bytes of every kind") {
        for (int c = 1; c < 256; ++c) {
            one.request.head.target += static_cast<char>(c);
        }
        CHECK(explained(one).tried <= 8001);
    }
}

TEST_CASE("A good URL says who signed, what it permits and until when", "[explain][url]") {
    const Request& request = of_client("presigned");
    const auto reading = read(presigned_url(), seconds{100});
    CHECK(reading.findings.empty());
    CHECK(reading.version == 4);
    CHECK(reading.verdict == explain::Verdict::Good);
    CHECK(reading.method == "PUT");
    CHECK(reading.access_key_id == request.key_id);
    CHECK(reading.holder == "user benchtop-admin");
    REQUIRE(reading.until);
    CHECK(*reading.until == *reading.made + seconds{300});
    CHECK(reading.left <= seconds{200});
    CHECK(reading.left > seconds{190});
    CHECK(contains(explain::render_text(reading), "still good for"));
}

TEST_CASE("A URL's end is told on the lab's clock", "[explain][url]") {
    const Case one = good(of_client("presigned"));
    TimeAxis axis;
    axis.advance(one.now + seconds{1}, seconds{290});
    const auto reading = read(presigned_url(), seconds{20}, axis);
    CHECK(first_mistake(reading) == "expired");
    CHECK(reading.left < microseconds{0});
    CHECK(reading.lab_now == one.now + seconds{310});
    CHECK(reading.lab_until == reading.until); // made before the advance
}

TEST_CASE("URLs damaged in pasting are mended, and the damage is named", "[explain][url]") {
    const std::string url = presigned_url();
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string changed = url;
        for (auto at = changed.find(from); at != std::string::npos;
             at = changed.find(from, at + to.size())) {
            changed.replace(at, from.size(), to);
        }
        return changed;
    };

    struct Pasted {
        std::string text;
        std::string mistake;
    };

    const Pasted pasted[] = {
        {"\"" + url + "\"", ""},
        {"  " + url + "\n", ""},
        {"curl -X PUT '" + url + "' --data-binary @a", ""},
        {"{\"uploadUrl\": \"" + url + "\", \"s3Key\": \"uploads/a\"}", ""},
        {with("&", "\\u0026"), "json-escape"},
        {with("&", "&amp;"), "html-escape"},
        {with("&", "\\&"), "shell-escape"},
        {with("&", "&\n"), "line-break"},
        {url + "\",\"s3Key\":\"uploads/x\"}", "json-tail"},
        {url + "%22%7D", "json-tail"},
    };
    for (const Pasted& one : pasted) {
        const auto reading = read(one.text);
        INFO(one.text);
        CHECK(first_mistake(reading) == one.mistake);
        CHECK(reading.verdict == explain::Verdict::Good);
        CHECK(reading.url == url);
    }
}

TEST_CASE("URLs that cannot be mended say what is wrong", "[explain][url]") {
    const std::string url = presigned_url();
    const auto cut = read(url.substr(0, url.find('&')));
    CHECK(first_mistake(cut) == "query-cut");
    CHECK(cut.verdict == explain::Verdict::Unknown);
    CHECK(first_mistake(read(url.substr(0, url.find('?')))) == "not-signed");
    CHECK(first_mistake(read("")) == "no-url");
    CHECK(first_mistake(read("http://")) == "not-signed");
    CHECK(first_mistake(read("https://?")) == "not-signed");
    std::string other = url;
    other.replace(other.find(".txt"), 4, ".pdf");
    const auto altered = read(other);
    CHECK(altered.verdict == explain::Verdict::Mismatch);
    CHECK(first_mistake(altered) == "path");
}

TEST_CASE("A SigV2 URL is read too, with its Content-Type", "[explain][url]") {
    const Case one = good(of_client("curl"));
    const std::int64_t expires =
        std::chrono::duration_cast<seconds>(one.now.time_since_epoch()).count() + 300;
    const std::string base =
        "http://127.0.0.1:4566/bucket/a.txt?AWSAccessKeyId=" + one.request.key_id +
        "&Expires=" + std::to_string(expires) + "&Signature=";
    const auto sign = [&](std::string_view method, std::string_view type) {
        explain::Message message;
        message.scheme = explain::Scheme::QueryV2;
        message.method = method;
        message.path = "/bucket/a.txt";
        message.secret = one.request.secret;
        message.date = std::to_string(expires);
        message.headers.add("content-type", type);
        const std::string signature =
            explain::Signer().sign(message, explain::signed_text(message));
        return base + percent_encode(signature, SlashRule::Encode);
    };
    const TimeAxis axis;
    const auto plain = explain::read_url({sign("GET", ""), one.now, axis}, known(one));
    CHECK(plain.version == 2);
    CHECK(plain.verdict == explain::Verdict::Good);
    CHECK(plain.method == "GET");
    CHECK(plain.headers.empty());
    CHECK(plain.left == seconds{300});
    const auto typed = explain::read_url({sign("PUT", "text/plain"), one.now, axis}, known(one));
    CHECK(typed.verdict == explain::Verdict::Good);
    CHECK(typed.method == "PUT");
    REQUIRE(typed.headers.size() == 1);
    CHECK(typed.headers[0].value == "text/plain");
}
