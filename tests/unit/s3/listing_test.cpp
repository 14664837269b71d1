// Listings: one page's contents against a plain model, and the documents byte for byte.
#include "emulator/core/encoding.hpp"
#include "emulator/s3/listing.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/operation_bench.hpp"

#include <algorithm>
#include <optional>
#include <set>

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

// xorshift; the same sequence on every machine.
class Dice {
public:
    explicit Dice(std::uint64_t seed)
        : state_(seed) {}

    std::size_t below(std::size_t n) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return static_cast<std::size_t>(state_ % n);
    }

private:
    std::uint64_t state_;
};

struct Item {
    std::string text;
    bool is_group = false;
    auto operator<=>(const Item&) const = default;
};

// What S3 says about listings, said once more without seeking: every key in order, collapsed when
// the delimiter follows the prefix, passed over when it or its group is not after the marker.
std::vector<Item> model_listing(
    const std::set<std::string>& keys,
    const std::string& prefix,
    const std::string& delimiter,
    const std::string& after
) {
    const auto group_of = [&](const std::string& key) -> std::optional<std::string> {
        if (delimiter.empty()) {
            return std::nullopt;
        }
        const auto at = key.find(delimiter, prefix.size());
        return at == std::string::npos ? std::nullopt
                                       : std::optional(key.substr(0, at + delimiter.size()));
    };
    std::vector<Item> items;
    for (const std::string& key : keys) {
        if (!key.starts_with(prefix)) {
            continue;
        }
        const auto group = group_of(key);
        if (group && after.starts_with(*group)) {
            continue;
        }
        if (key <= after) {
            continue;
        }
        const Item item{group.value_or(key), group.has_value()};
        if (items.empty() || items.back() != item) {
            items.push_back(item);
        }
    }
    return items;
}

std::vector<Item> items_of(const ListingPage& page) {
    std::vector<Item> items;
    for (const auto& object : page.contents) {
        items.push_back({object.key, false});
    }
    for (const auto& prefix : page.common_prefixes) {
        items.push_back({prefix, true});
    }
    std::ranges::sort(items, {}, &Item::text);
    return items;
}

std::string random_text(Dice& dice, std::size_t longest) {
    static const std::vector<std::string> pieces = {
        "a", "b", "/", "//", "é", "0", "z", "a/", "\x7f"};
    std::string text;
    const std::size_t count = dice.below(longest + 1);
    for (std::size_t i = 0; i < count; ++i) {
        text += pieces[dice.below(pieces.size())];
    }
    return text;
}

Result<Response> list_v1(Bench& bench, const std::string& query) {
    return bench.run(list_objects_operation(), {"GET", "/b?" + query});
}

Result<Response> list_v2(Bench& bench, const std::string& query) {
    return bench.run(list_objects_v2_operation(), {"GET", "/b?list-type=2&" + query});
}

std::string text_between(const std::string& text, std::string_view from, std::string_view to) {
    const auto begin = text.find(from);
    if (begin == std::string::npos) {
        return "";
    }
    const auto start = begin + from.size();
    return text.substr(start, text.find(to, start) - start);
}

} // namespace

TEST_CASE("Paging in small steps gives what the model gives at once", "[s3][list]") {
    const std::size_t round = GENERATE(0, 1, 2, 3, 4, 5, 6, 7);
    Dice dice(0x9E3779B97F4A7C15ULL + round);
    Bench bench;
    bench.make_bucket("b");
    std::set<std::string> keys;
    for (int i = 0; i < 60; ++i) {
        if (auto key = random_text(dice, 5); !key.empty()) {
            keys.insert(key);
        }
    }
    for (const std::string& key : keys) {
        bench.make_object("b", key);
    }
    const auto bucket = bench.bucket("b").id;

    for (int trial = 0; trial < 80; ++trial) {
        const std::string prefix = dice.below(3) == 0 ? "" : random_text(dice, 2);
        const std::string delimiter =
            std::vector<std::string>{"", "/", "a", "//", "é"}[dice.below(5)];
        const std::string marker = dice.below(2) == 0 ? "" : random_text(dice, 3);
        const auto expected = model_listing(keys, prefix, delimiter, marker);
        const std::size_t step = 1 + dice.below(4);

        std::vector<Item> paged;
        bench.look([&](const store::ReadTx& tx) {
            const auto whole = list_page(tx, bucket, {prefix, delimiter, marker, 1000});
            CHECK(items_of(whole) == expected);
            CHECK_FALSE(whole.truncated);

            std::string after = marker;
            for (std::size_t page_number = 0; page_number <= keys.size(); ++page_number) {
                const auto page = list_page(tx, bucket, {prefix, delimiter, after, step});
                const auto items = items_of(page);
                paged.insert(paged.end(), items.begin(), items.end());
                if (!page.truncated) {
                    break;
                }
                REQUIRE(page.count() == step);
                after = page.last;
            }
        });
        INFO("prefix '" << prefix << "' delimiter '" << delimiter << "' marker '" << marker << "'");
        CHECK(paged == expected);
    }
}

TEST_CASE("The string after a prefix drops trailing 0xFF bytes", "[s3][list]") {
    CHECK(after_all_with_prefix("a/") == std::optional<std::string>("a0"));
    CHECK(after_all_with_prefix("a\xFF\xFF") == std::optional<std::string>("b"));
    CHECK(after_all_with_prefix("\xFF") == std::nullopt);
    CHECK(after_all_with_prefix("") == std::nullopt);
}

TEST_CASE("A continuation token comes back only unchanged and in its own bucket", "[s3][list]") {
    const std::string token = make_continuation_token("b", "uploads/é+.txt");
    CHECK(read_continuation_token("b", token) == std::optional<std::string>("uploads/é+.txt"));
    CHECK(read_continuation_token("c", token) == std::nullopt);
    CHECK(read_continuation_token("b", "") == std::nullopt);
    CHECK(read_continuation_token("b", to_base64(as_bytes("uploads/a.txt"))) == std::nullopt);
    for (std::size_t i = 0; i + 4 < token.size(); ++i) {
        std::string forged = token;
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        CHECK(read_continuation_token("b", forged) == std::nullopt);
    }
}

TEST_CASE("ListObjectsV2 answers in AWS's order of elements", "[s3][list]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_object("b", "a.txt", "5d41402abc4b2a76b9719d911017c592");
    bench.make_object("b", "uploads/x.txt");

    const auto answer = list_v2(bench, "delimiter=/&start-after=A&max-keys=5000");
    REQUIRE(answer.has_value());
    CHECK(
        body_of(*answer) ==
        std::string(kProlog) + "<ListBucketResult" + std::string(kNamespace) +
            "><Name>b</Name><Prefix></Prefix><StartAfter>A</StartAfter><KeyCount>2</KeyCount>"
            "<MaxKeys>1000</MaxKeys><Delimiter>/</Delimiter><IsTruncated>false</IsTruncated>"
            "<Contents><Key>a.txt</Key><LastModified>2025-06-02T17:19:59.000Z</LastModified>"
            "<ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag>"
            "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm>"
            "<ChecksumType>FULL_OBJECT</ChecksumType><Size>0</Size>"
            "<StorageClass>STANDARD</StorageClass></Contents>"
            "<CommonPrefixes><Prefix>uploads/</Prefix></CommonPrefixes></ListBucketResult>"
    );
    CHECK(answer->headers.get("x-amz-bucket-region") == "us-east-2");
    CHECK(answer->headers.get("Content-Type") == "application/xml");
    CHECK(answer->framing == Framing::Chunked);
}

TEST_CASE("ListObjectsV2 goes on from its token, and the token beats start-after", "[s3][list]") {
    Bench bench;
    bench.make_bucket("b");
    for (const char* key : {"a", "b", "c"}) {
        bench.make_object("b", key);
    }
    const auto first = list_v2(bench, "max-keys=2");
    REQUIRE(first.has_value());
    const std::string token =
        text_between(body_of(*first), "<NextContinuationToken>", "</NextContinuationToken>");
    CHECK(
        body_of(*first).find("</NextContinuationToken><KeyCount>2</KeyCount><MaxKeys>2</MaxKeys>"
                             "<IsTruncated>true</IsTruncated>") != std::string::npos
    );
    const std::string escaped = percent_encode(token, SlashRule::Encode);
    const auto second = list_v2(bench, "max-keys=2&start-after=zzz&continuation-token=" + escaped);
    REQUIRE(second.has_value());
    const std::string text = body_of(*second);
    CHECK(
        text.find(
            "<Prefix></Prefix><ContinuationToken>" + token + "</ContinuationToken><KeyCount>1<"
        ) != std::string::npos
    );
    CHECK(text.find("StartAfter") == std::string::npos);
    CHECK(text.find("<Key>c</Key>") != std::string::npos);
    CHECK(text.find("NextContinuationToken") == std::string::npos);
}

TEST_CASE("ListObjectsV2 names the owner only when asked", "[s3][list]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_object("b", "k");
    std::string canonical_id;
    bench.look([&](const store::ReadTx& tx) {
        canonical_id = tx.account("111122223333").canonical_id;
    });
    const std::string owner = "<Size>0</Size><Owner><ID>" + canonical_id +
                              "</ID></Owner><StorageClass>STANDARD</StorageClass>";
    CHECK(body_of(*list_v2(bench, "fetch-owner=true")).find(owner) != std::string::npos);
    CHECK(body_of(*list_v2(bench, "")).find("<Owner>") == std::string::npos);
    CHECK(body_of(*list_v1(bench, "")).find(owner) != std::string::npos);
}

TEST_CASE("ListObjects gives NextMarker only with a delimiter", "[s3][list]") {
    Bench bench;
    bench.make_bucket("b");
    for (const char* key : {"a/1", "a/2", "b/1", "c"}) {
        bench.make_object("b", key);
    }
    const std::string plain = body_of(*list_v1(bench, "max-keys=1"));
    CHECK(
        plain.find("<Name>b</Name><Prefix></Prefix><Marker></Marker><MaxKeys>1</MaxKeys>"
                   "<IsTruncated>true</IsTruncated><Contents><Key>a/1</Key>") != std::string::npos
    );
    const std::string grouped = body_of(*list_v1(bench, "max-keys=1&delimiter=/&marker=a/1"));
    CHECK(
        grouped ==
        std::string(kProlog) + "<ListBucketResult" + std::string(kNamespace) +
            "><Name>b</Name><Prefix></Prefix><Marker>a/1</Marker><NextMarker>b/</NextMarker>"
            "<MaxKeys>1</MaxKeys><Delimiter>/</Delimiter><IsTruncated>true</IsTruncated>"
            "<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes></ListBucketResult>"
    );
}

TEST_CASE("encoding-type=url encodes every text that may hold a key", "[s3][list]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_object("b", "p q/x+y=(é).txt");
    bench.make_object("b", "p q/z z\x01");
    const std::string text =
        body_of(*list_v1(bench, "encoding-type=url&prefix=p%20q/&marker=p%20q/!&delimiter=z%20"));
    CHECK(
        text.find("<Prefix>p+q/</Prefix><Marker>p+q/%21</Marker><MaxKeys>1000</MaxKeys>"
                  "<Delimiter>z+</Delimiter><EncodingType>url</EncodingType>") != std::string::npos
    );
    CHECK(text.find("<Key>p+q/x%2By%3D%28%C3%A9%29.txt</Key>") != std::string::npos);
    CHECK(
        text.find("<CommonPrefixes><Prefix>p+q/z+</Prefix></CommonPrefixes>") != std::string::npos
    );
    // Without it, a byte XML cannot hold becomes a character reference.
    CHECK(body_of(*list_v1(bench, "")).find("<Key>p q/z z&#1;</Key>") != std::string::npos);
}

TEST_CASE("max-keys=0 lists nothing and is not truncated", "[s3][list]") {
    Bench bench;
    bench.make_bucket("b");
    bench.make_object("b", "k");
    CHECK(
        body_of(*list_v2(bench, "max-keys=0"))
            .find("<KeyCount>0</KeyCount><MaxKeys>0</MaxKeys><IsTruncated>false</IsTruncated>"
                  "</ListBucketResult>") != std::string::npos
    );
}

TEST_CASE("Wrong listing parameters are refused with AWS's words", "[s3][list]") {
    Bench bench;
    bench.make_bucket("b");
    CHECK(
        outcome(list_v2(bench, "max-keys=-1")) ==
        "400 InvalidArgument: Argument maxKeys must be an integer between 0 and 2147483647 "
        "[ArgumentName=maxKeys] [ArgumentValue=-1]"
    );
    for (const std::string value : {"2147483648", "ten", "1.5", "-2147483649"}) {
        CHECK(
            outcome(list_v1(bench, "max-keys=" + value)) ==
            "400 InvalidArgument: Provided max-keys not an integer or within integer range "
            "[ArgumentName=max-keys] [ArgumentValue=" +
                value + "]"
        );
    }
    CHECK(outcome(list_v2(bench, "max-keys=")) == "200");
    CHECK(
        outcome(list_v1(bench, "encoding-type=")) ==
        "400 InvalidArgument: Invalid Encoding Method specified in Request "
        "[ArgumentName=encoding-type] [ArgumentValue=]"
    );
    CHECK(
        outcome(list_v1(bench, "start-after=x")) ==
        "400 InvalidArgument: startAfter only supported in REST.GET.BUCKET with list-type=2"
    );
    for (const std::string value : {"", "bad"}) {
        CHECK(
            outcome(list_v2(bench, "continuation-token=" + value)) ==
            "400 InvalidArgument: The continuation token provided is incorrect "
            "[ArgumentName=continuation-token] [ArgumentValue=" +
                value + "]"
        );
    }
}

TEST_CASE("A listing asks for s3:ListBucket with the parameters that were sent", "[s3][list]") {
    Bench bench;
    bench.make_bucket("b");
    REQUIRE(list_v2(bench, "prefix=uploads/&max-keys=3").has_value());
    REQUIRE(bench.authorizer.asked.size() == 1);
    const auto& asked = bench.authorizer.asked[0];
    CHECK(asked.action == "s3:ListBucket");
    CHECK(asked.resource == "arn:aws:s3:::b");
    const std::vector<std::pair<std::string, std::string>> conditions = {
        {"s3:prefix", "uploads/"}, {"s3:max-keys", "3"}};
    CHECK(asked.conditions == conditions);
    CHECK(
        outcome(bench.run(list_objects_operation(), {"GET", "/nosuch"})) ==
        "404 NoSuchBucket: The specified bucket does not exist [BucketName=nosuch]"
    );
}
