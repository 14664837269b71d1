// Every vector AWS publishes and every request botocore signed: accepted as it is, refused after
// any one byte under the signature has changed.
#include "tests/unit/auth/rig.hpp"

#include <algorithm>

using namespace rig;

namespace {

const char* const kFiles[] = {
    "aws_examples.json",
    "boto_presigned_v4.json",
    "boto_presigned_v2.json",
    "boto_header_v4.json",
    "boto_header_v2.json",
    "boto_generic.json",
};

// Another byte that no canonicalisation takes for the same.
char other(char c) {
    if (c >= '0' && c <= '8') {
        return static_cast<char>(c + 1);
    }
    if (c == '9') {
        return '0';
    }
    return c == 'z' || c == 'Z' ? 'q' : (c == '/' ? 'x' : static_cast<char>(c + 1));
}

bool is_v2(const RequestHead& head) {
    return head.target.find("AWSAccessKeyId=") != std::string::npos ||
           head.headers.get("authorization").substr(0, 4) == "AWS ";
}

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

// Where in the target a change must be noticed.
bool target_byte_is_signed(const RequestHead& head, std::size_t at) {
    const std::size_t mark = std::min(head.target.find('?'), head.target.size());
    if (at < mark) {
        return true;
    }
    if (at == mark || head.target[at] == '&' || head.target[at] == '=') {
        return false;
    }
    if (!is_v2(head)) {
        return true;
    }
    const auto start = head.target.find_last_of("?&", at) + 1;
    const auto end = std::min(head.target.find_first_of("=&", start), head.target.size());
    const std::string name = head.target.substr(start, end - start);
    if (at < end) {
        return name == "Signature" || name == "Expires" || name == "AWSAccessKeyId";
    }
    return name == "Signature" || name == "Expires" || name == "AWSAccessKeyId" ||
           starts_with(name, "x-amz-") || starts_with(name, "response-") || name == "versionId";
}

std::string signed_header_names(const RequestHead& head) {
    const std::string authorization(head.headers.get("authorization"));
    if (is_v2(head)) {
        return ";date;content-type;content-md5;authorization;";
    }
    std::string names;
    if (const auto at = authorization.find("SignedHeaders="); at != std::string::npos) {
        const auto from = at + 14;
        names = authorization.substr(from, authorization.find(',', from) - from);
    } else {
        names = std::string(Query::parse(head.query()).get("X-Amz-SignedHeaders"));
    }
    return ";" + names + ";authorization;";
}

bool header_is_signed(const RequestHead& head, const std::string& name) {
    const std::string lower = to_lower(name);
    return signed_header_names(head).find(";" + lower + ";") != std::string::npos ||
           (is_v2(head) && starts_with(lower, "x-amz-"));
}

std::size_t accepted_changes(Bench& bench, const Recorded& entry) {
    std::size_t accepted = 0;
    const auto probe = [&](const RequestHead& head, const std::string& what) {
        // Without its X-Amz-Algorithm a presigned request is merely anonymous.
        const auto who = bench.verify(head);
        if (who && who->type != AuthType::Anonymous) {
            ++accepted;
            UNSCOPED_INFO(entry.name << ": accepted " << what);
        }
    };
    for (std::size_t i = 0; i < entry.head.method.size(); ++i) {
        RequestHead head = entry.head;
        head.method[i] = other(head.method[i]);
        probe(head, head.method);
    }
    for (std::size_t i = 1; i < entry.head.target.size(); ++i) {
        if (target_byte_is_signed(entry.head, i)) {
            RequestHead head = entry.head;
            head.target[i] = other(head.target[i]);
            probe(head, head.target);
        }
    }
    for (const auto& [name, value] : entry.head.headers.entries()) {
        for (std::size_t i = 0; header_is_signed(entry.head, name) && i < value.size(); ++i) {
            if (value[i] == ' ' || value[i] == ',') {
                continue;
            }
            std::string changed = value;
            changed[i] = other(changed[i]);
            RequestHead head = entry.head;
            head.headers.set(name, changed);
            probe(head, name + ": " + changed);
        }
    }
    return accepted;
}

} // namespace

TEST_CASE("every recorded signature is accepted", "[auth][vectors]") {
    for (const char* file : kFiles) {
        const auto entries = recorded(file);
        CHECK(entries.size() >= 9);
        for (const Recorded& entry : entries) {
            Bench bench;
            prepare(bench, entry);
            const auto who = bench.verify(entry.head);
            INFO(entry.name << "\n" << entry.head.method << " " << entry.head.target);
            if (!who) {
                UNSCOPED_INFO(who.error().code() << ": " << who.error().message());
                UNSCOPED_INFO(who.error().extra_value("CanonicalRequest"));
                UNSCOPED_INFO(who.error().extra_value("StringToSign"));
                UNSCOPED_INFO(who.error().internal_cause());
            }
            REQUIRE(who.has_value());
            CHECK(who->version == (is_v2(entry.head) ? 2 : 4));
            CHECK(who->key->access_key_id == who->access_key_id);
        }
    }
}

TEST_CASE("changing one signed byte of a recorded request is refused", "[auth][vectors]") {
    for (const char* file : kFiles) {
        for (const Recorded& entry : recorded(file)) {
            Bench bench;
            prepare(bench, entry);
            CHECK(accepted_changes(bench, entry) == 0);
        }
    }
}

TEST_CASE("the signing key of AWS's examples is derived and cached", "[auth][vectors]") {
    const auto key = derive_signing_key(kSecret, "20130524", "us-east-1", "s3");
    CHECK(to_hex(key) == "dbb893acc010964918f1fd433add87c70e8b0db6be30c1fbeafefa5ec6ba8378");
    SigningKeyCache cache(2);
    KeyRecord record;
    record.access_key_id = kKeyId;
    record.secret = kSecret;
    CHECK(cache.get(record, "20130524", "us-east-1", "s3") == key);
    CHECK(cache.get(record, "20130524", "us-east-1", "s3") == key);
    CHECK(cache.size() == 1);
    CHECK(cache.get(record, "20130525", "us-east-1", "s3") != key);
    CHECK(cache.get(record, "20130524", "us-east-2", "s3") != key);
    CHECK(cache.size() <= 2);
}

TEST_CASE("a rotated secret is not verified with the old signing key", "[auth][vectors]") {
    const auto entry = recorded("aws_examples.json").front();
    Bench bench;
    prepare(bench, entry);
    REQUIRE(bench.verify(entry.head).has_value());
    KeyRecord rotated;
    rotated.access_key_id = kKeyId;
    rotated.secret = "anotherSecret";
    rotated.generation = 1;
    bench.keys.put(rotated);
    CHECK(bench.refusal(entry.head).code() == "SignatureDoesNotMatch");
}
