// POST forms over a request's whole way: read, authenticated, judged, stored, announced.
#include "emulator/auth/signature.hpp"
#include "emulator/core/digest.hpp"
#include "emulator/core/encoding.hpp"
#include "harness/lab.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::harness;

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

const std::string kBucket(stack::kLabBucket);

struct FormFile {
    std::string content = "hello";
    std::string filename = "a.txt"; // "" for none
};

// A form as the SDKs make it, signed with SigV4 by the administrator.
Fields signed_form(
    const Lab& lab, const Fields& fields, std::string_view more_conditions, seconds lifetime
) {
    const ClientCredentials who = Lab::administrator();
    const std::string date = to_amz_date(lab.now());
    const std::string day = date.substr(0, 8);
    const std::string credential =
        who.access_key_id + "/" + day + "/" + std::string(stack::kLabRegion) + "/s3/aws4_request";
    const std::string policy = to_base64(as_bytes(
        "{\"expiration\": \"" + to_iso8601_s(lab.now() + lifetime) + "\", \"conditions\": [" +
        std::string(more_conditions) + "{\"bucket\": \"" + kBucket +
        "\"}, [\"starts-with\", \"$key\", \"\"], {\"x-amz-algorithm\": \"AWS4-HMAC-SHA256\"}, "
        "{\"x-amz-credential\": \"" +
        credential + "\"}, {\"x-amz-date\": \"" + date + "\"}]}"
    ));
    const auto key = auth::derive_signing_key(who.secret, day, stack::kLabRegion, "s3");
    Fields all = fields;
    all.insert(
        all.end(),
        {{"x-amz-algorithm", "AWS4-HMAC-SHA256"},
         {"x-amz-credential", credential},
         {"x-amz-date", date},
         {"policy", policy},
         {"x-amz-signature", auth::sign_v4(key, policy).text()}}
    );
    return all;
}

Fields signed_form(const Lab& lab, const Fields& fields, std::string_view more_conditions = "") {
    return signed_form(lab, fields, more_conditions, seconds{3600});
}

std::string form_body(const Fields& fields, const FormFile& file) {
    std::string body;
    for (const auto& [name, value] : fields) {
        body += "--form\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value +
                "\r\n";
    }
    body += "--form\r\nContent-Disposition: form-data; name=\"file\"";
    body += file.filename.empty() ? "" : "; filename=\"" + file.filename + "\"";
    return body + "\r\nContent-Type: text/html\r\n\r\n" + file.content + "\r\n--form--\r\n";
}

ClientResponse
post(Lab& lab, std::string body, std::string content_type = "multipart/form-data; boundary=form") {
    ClientRequest request;
    request.method = "POST";
    request.url = std::string(kEndpoint) + "/" + kBucket;
    request.headers = {{"Content-Type", std::move(content_type)}};
    request.body = std::move(body);
    return lab.send(request);
}

ClientResponse post(Lab& lab, const Fields& fields, const FormFile& file = {}) {
    return post(lab, form_body(fields, file));
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// "403 AccessDenied: message"
std::string refusal(const ClientResponse& response) {
    const auto between = [&](std::string_view open, std::string_view close) {
        const auto from = response.body.find(open);
        const auto to = response.body.find(close);
        return from == std::string::npos || to == std::string::npos
                   ? std::string()
                   : response.body.substr(from + open.size(), to - from - open.size());
    };
    return std::to_string(response.status) + " " + between("<Code>", "</Code>") + ": " +
           between("<Message>", "</Message>");
}

std::optional<store::Object> object(Lab& lab, std::string_view key) {
    std::optional<store::Object> found;
    lab.store().read([&](const store::ReadTx& tx) {
        found = tx.find_object(tx.find_bucket(kBucket)->id, key);
    });
    return found;
}

} // namespace

TEST_CASE("A signed form stores its file and raises ObjectCreated:Post", "[pipeline][post]") {
    Lab lab;
    const auto done = post(lab, signed_form(lab, {{"key", "photos/${filename}"}}));
    CHECK(done.status == 204);
    CHECK(done.body.empty());
    CHECK_FALSE(done.headers.has("content-type"));
    CHECK(done.headers.get("etag") == "\"5d41402abc4b2a76b9719d911017c592\"");
    CHECK(done.headers.get("location") == "http://127.0.0.1:4566/" + kBucket + "/photos%2Fa.txt");
    CHECK(done.headers.get("x-amz-checksum-crc64nvme") == "M3eFcAZSQlc=");
    CHECK(done.headers.get("x-amz-checksum-type") == "FULL_OBJECT");
    CHECK(done.headers.get("x-amz-server-side-encryption") == "AES256");
    const auto stored = object(lab, "photos/a.txt");
    REQUIRE(stored);
    CHECK(stored->size == 5);
    CHECK(stored->attributes.content_type == "binary/octet-stream"); // never the part's own
    const auto delivery = lab.deliveries();
    REQUIRE_FALSE(delivery.empty());
    CHECK(delivery.front().event_name == "ObjectCreated:Post");
}

TEST_CASE("A form's fields become the object's attributes", "[pipeline][post]") {
    Lab lab;
    const Fields fields{
        {"key", "k"},
        {"Content-Type", "text/plain\r\nX-Injected: 1"},
        {"Cache-Control", "no-cache \xE2\x80\x94 \xC3\xA9"},
        {"x-amz-meta-TEST-2", "\xC3\x84 ${filename}"},
        {"x-amz-storage-class", "STANDARD_IA"},
        {"acl", "private"},
        {"tagging",
         "<Tagging><TagSet><Tag><Key>a b</Key><Value>1&amp;2</Value></Tag></TagSet></Tagging>"}};
    std::string conditions;
    for (const auto& [name, value] : fields) {
        conditions += "[\"starts-with\", \"$" + name + "\", \"\"], ";
    }
    // A tag needs a value of permitted characters.
    CHECK(contains(refusal(post(lab, signed_form(lab, fields, conditions))), "InvalidTag"));
    Fields good = fields;
    good.back().second =
        "<Tagging><TagSet><Tag><Key>a b</Key><Value>1</Value></Tag></TagSet></Tagging>";
    REQUIRE(post(lab, signed_form(lab, good, conditions)).status == 204);
    const auto stored = object(lab, "k");
    REQUIRE(stored);
    CHECK(stored->attributes.content_type == "text/plain  X-Injected: 1");
    CHECK(stored->attributes.cache_control == "no-cache   \xE9");
    CHECK(stored->attributes.storage_class == "STANDARD_IA");
    CHECK(
        stored->attributes.metadata ==
        std::vector<std::pair<std::string, std::string>>{{"test-2", "\xC3\x84 a.txt"}}
    );
    CHECK(
        stored->attributes.tags == std::vector<std::pair<std::string, std::string>>{{"a b", "1"}}
    );
    // The document's root does not matter (recorded); that it is XML does.
    good.back().second = "<Other></Other>";
    CHECK(post(lab, signed_form(lab, good, conditions)).status == 204);
    CHECK(object(lab, "k")->attributes.tags.empty());
    good.back().second = "not-xml";
    CHECK(contains(refusal(post(lab, signed_form(lab, good, conditions))), "400 MalformedXML"));
}

TEST_CASE("A form chooses how its success is told", "[pipeline][post]") {
    Lab lab;
    const auto send = [&](std::string_view field, std::string value) {
        return post(
            lab,
            signed_form(
                lab,
                {{"key", "a/\xC3\xA9 b"}, {std::string(field), std::move(value)}},
                "[\"starts-with\", \"$" + std::string(field) + "\", \"\"], "
            )
        );
    };
    const auto plain = send("success_action_status", "200");
    CHECK(plain.status == 200);
    CHECK(plain.body.empty());
    CHECK(send("success_action_status", "404").status == 204);

    const std::string location = "http://127.0.0.1:4566/" + kBucket + "/a%2F%C3%A9%20b";
    const auto created = send("success_action_status", "201");
    CHECK(created.status == 201);
    CHECK(created.headers.get("content-type") == "application/xml");
    CHECK(created.headers.get("location") == location);
    CHECK(
        created.body == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>" +
                            location + "</Location><Bucket>" + kBucket +
                            "</Bucket><Key>a/\xC3\xA9 b</Key><ETag>"
                            "\"5d41402abc4b2a76b9719d911017c592\"</ETag></PostResponse>"
    );

    const std::string query =
        "bucket=" + kBucket + "&key=a%2F%C3%A9+b&etag=%225d41402abc4b2a76b9719d911017c592%22";
    const auto redirected = send("success_action_redirect", "http://page/done");
    CHECK(redirected.status == 303);
    CHECK(redirected.body.empty());
    CHECK(redirected.headers.get("location") == "http://page/done?" + query);
    CHECK(
        send("success_action_redirect", "https://page/done?x=1 2").headers.get("location") ==
        "https://page/done?x=1 2&" + query
    );
    CHECK(send("success_action_redirect", "/relative").status == 204);
    CHECK(send("success_action_redirect", "javascript://alert").status == 204);
    CHECK(send("success_action_redirect", "http://a/\r\nSet-Cookie: b").status == 204);
}

TEST_CASE("A form is judged in S3's order", "[pipeline][post]") {
    Lab lab;
    const Fields good = signed_form(lab, {{"key", "k"}});
    CHECK(
        refusal(post(lab, form_body(good, {}), "multipart/form-data")) ==
        "400 MalformedPOSTRequest: The body of your POST request is not well-formed "
        "multipart/form-data."
    );
    CHECK(contains(refusal(post(lab, "x", "text/html")), "412 PreconditionFailed"));
    CHECK(
        refusal(post(lab, signed_form(lab, {}))) ==
        "400 InvalidArgument: Bucket POST must contain a field named 'key'.  If it is specified, "
        "please check the order of the fields."
    );
    CHECK(
        refusal(post(lab, signed_form(lab, {{"key", "${filename}"}}), {.filename = "dir/"})) ==
        "400 InvalidArgument: User key must have a length greater than 0."
    );
    CHECK(contains(
        refusal(post(lab, signed_form(lab, {{"key", std::string(1025, 'k')}}))), "KeyTooLong"
    ));
    // Anonymous: nothing is signed, and the bucket is nobody else's.
    CHECK(
        refusal(post(lab, Fields{{"key", "k"}, {"policy", "e30="}})) ==
        "403 AccessDenied: Access Denied"
    );
    Fields tampered = good;
    tampered[4].second.pop_back();
    CHECK(contains(refusal(post(lab, tampered)), "403 SignatureDoesNotMatch"));
    CHECK(
        refusal(post(lab, signed_form(lab, {{"key", "k"}, {"Content-Type", "a/b"}}))) ==
        "403 AccessDenied: Invalid according to Policy: Extra input fields: content-type"
    );
    CHECK(contains(
        refusal(post(lab, signed_form(lab, {{"key", "k"}}, "[\"eq\", \"$acl\", \"private\"], "))),
        "403 AccessDenied: Invalid according to Policy: Policy Condition failed: "
    ));
    CHECK(contains(
        refusal(post(
            lab,
            signed_form(
                lab,
                {{"key", "k"}, {"x-amz-storage-class", "FakeClass"}},
                "{\"x-amz-storage-class\": \"FakeClass\"}, "
            )
        )),
        "400 InvalidStorageClass"
    ));
    CHECK_FALSE(object(lab, "k"));
    CHECK(contains(refusal(post(lab, form_body(good, {}).substr(0, 1000))), "MalformedPOST"));
    CHECK_FALSE(object(lab, "k"));
    CHECK(post(lab, good).status == 204);
}

TEST_CASE("A form's policy bounds the size of its file", "[pipeline][post]") {
    Lab lab;
    const auto send = [&](std::size_t size) {
        return post(
            lab,
            signed_form(lab, {{"key", "k"}}, "[\"content-length-range\", 5, 10], "),
            {.content = std::string(size, 'a')}
        );
    };
    const auto large = send(12);
    CHECK(
        refusal(large) ==
        "400 EntityTooLarge: Your proposed upload exceeds the maximum allowed size"
    );
    CHECK(contains(large.body, "<ProposedSize>12</ProposedSize><MaxSizeAllowed>10</MaxSizeAllowed>")
    );
    const auto small = send(1);
    CHECK(
        refusal(small) ==
        "400 EntityTooSmall: Your proposed upload is smaller than the minimum allowed size"
    );
    CHECK(contains(small.body, "<ProposedSize>1</ProposedSize><MinSizeAllowed>5</MinSizeAllowed>"));
    CHECK_FALSE(object(lab, "k"));
    CHECK(send(5).status == 204);
    CHECK(send(10).status == 204);
    CHECK(object(lab, "k")->size == 10);
}

TEST_CASE("Digests among a form's fields are checked", "[pipeline][post]") {
    Lab lab;
    const auto send = [&](std::string name, std::string value) {
        return refusal(post(
            lab,
            signed_form(
                lab, {{"key", "k"}, {name, value}}, "[\"starts-with\", \"$" + name + "\", \"\"], "
            )
        ));
    };
    CHECK(contains(
        send("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="), "204"
    ));
    CHECK(object(lab, "k")->checksum == "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
    CHECK(contains(send("x-amz-checksum-crc32", "AAAAAA=="), "400 BadDigest"));
    CHECK(contains(send("x-amz-checksum-sha256", "sailorjerry"), "400 InvalidRequest"));
    CHECK(contains(send("Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="), "204"));
    CHECK(contains(send("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="), "400 BadDigest"));
}

TEST_CASE("A form expires on the lab's clock", "[pipeline][post]") {
    Lab lab;
    const std::string expired = "403 AccessDenied: Invalid according to Policy: Policy expired.";
    const Fields before = signed_form(lab, {{"key", "k"}}, "", seconds{600});
    lab.pass(seconds{60});
    CHECK(post(lab, before).status == 204);
    lab.advance(seconds{541});
    CHECK(refusal(post(lab, before)) == expired);
    // Clients' clocks were not moved: a form made now is young.
    const Fields after = signed_form(lab, {{"key", "k"}}, "", seconds{600});
    CHECK(post(lab, after).status == 204);
    lab.pass(seconds{601});
    CHECK(refusal(post(lab, after)) == expired);
}

TEST_CASE("A large form streams through a small memory's worth of pieces", "[pipeline][post]") {
    Lab lab;
    std::string content;
    for (int i = 0; content.size() < 3'000'000; ++i) {
        content += std::to_string(i) + "\r\n--for";
    }
    CHECK(post(lab, signed_form(lab, {{"key", "large"}}), {.content = content}).status == 204);
    const auto stored = object(lab, "large");
    REQUIRE(stored);
    CHECK(stored->size == content.size());
    CHECK(stored->etag == to_hex(md5(content)));
}
