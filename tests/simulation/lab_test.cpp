// The lab under the virtual clock: retries, advances, duplicates, random interleavings.
#include "harness/lab.hpp"
#include "harness/mistakes/bench.hpp"
#include "tests/catch.hpp"

#include <map>
#include <random>

using namespace benchtop;
using namespace benchtop::harness;
using namespace std::chrono_literals;

namespace {

// A lab whose worker fails: it may not write to processed/.
LabOptions with_broken_worker() {
    LabOptions options;
    mistakes::drop_statement(options.stack, stack::kWorkerRole, "WriteProcessed");
    return options;
}

store::Delivery card_of(Lab& lab, std::string_view key) {
    for (const auto& card : lab.deliveries()) {
        if (card.key == key && card.event_name == "ObjectCreated:Put") {
            return card;
        }
    }
    FAIL("no delivery for " << key);
    return {};
}

int attempts_after(Lab& lab, std::string_view key, microseconds amount) {
    lab.pass(amount);
    return card_of(lab, key).attempts;
}

std::string moved(const std::string& key) {
    return "processed/" + key.substr(std::string_view("uploads/").size());
}

} // namespace

TEST_CASE("a failing worker is tried at about 60 and 120 s, then the event is dead", "[lab]") {
    Lab lab(with_broken_worker());
    const Presigned made = lab.presign();
    REQUIRE(lab.put(made.upload_url, "x").status == 200);
    CHECK(card_of(lab, made.s3_key).attempts == 1);
    CHECK(attempts_after(lab, made.s3_key, 54s) == 1);
    CHECK(attempts_after(lab, made.s3_key, 12s) == 2);
    CHECK(attempts_after(lab, made.s3_key, 100s) == 2);
    CHECK(card_of(lab, made.s3_key).state == store::DeliveryState::Pending);
    CHECK(attempts_after(lab, made.s3_key, 35s) == 3);
    CHECK(card_of(lab, made.s3_key).state == store::DeliveryState::Dead);
    CHECK(attempts_after(lab, made.s3_key, 24h) == 3);
    CHECK(lab.has_object(stack::kLabBucket, made.s3_key));
}

TEST_CASE("an advance of two minutes makes a retry due at once", "[lab]") {
    Lab lab(with_broken_worker());
    const Presigned made = lab.presign();
    REQUIRE(lab.put(made.upload_url, "x").status == 200);
    lab.advance(2min);
    CHECK(card_of(lab, made.s3_key).attempts == 2);
    lab.advance(2min);
    lab.advance(11s);
    CHECK(card_of(lab, made.s3_key).attempts == 3);
    CHECK(card_of(lab, made.s3_key).state == store::DeliveryState::Dead);
}

TEST_CASE("a permission granted before the retry lets it succeed", "[lab]") {
    Lab lab(with_broken_worker());
    const Presigned made = lab.presign();
    REQUIRE(lab.put(made.upload_url, "x").status == 200);
    lab.write([](store::WriteTx& tx) {
        const auto good = stack::lab_stack();
        for (const auto& role : good.roles) {
            for (const auto& policy : role.policies) {
                tx.put_inline_policy(store::PrincipalKind::Role, good.account, role.name, policy);
            }
        }
    });
    lab.pass(66s);
    CHECK(card_of(lab, made.s3_key).state == store::DeliveryState::Done);
    CHECK(lab.has_object(stack::kLabBucket, moved(made.s3_key)));
    CHECK_FALSE(lab.has_object(stack::kLabBucket, made.s3_key));
}

TEST_CASE("a duplicate event fails at the missing source and harms nothing", "[lab]") {
    Lab lab;
    const Presigned made = lab.presign();
    REQUIRE(lab.put(made.upload_url, "x").status == 200);
    REQUIRE(lab.has_object(stack::kLabBucket, moved(made.s3_key)));
    lab.deliver_again(made.s3_key);
    lab.pass(5min);
    const auto cards = lab.deliveries();
    CHECK(cards.front().state == store::DeliveryState::Dead);
    CHECK(cards.front().last_result.find("s3:ListBucket") != std::string::npos);
    CHECK(lab.has_object(stack::kLabBucket, moved(made.s3_key)));
    CHECK(lab.log().last_hint().ends_with("[duplicate-event]"));
}

TEST_CASE("an ordinary run of the lab gives no hint", "[lab]") {
    Lab lab;
    REQUIRE(lab.put(lab.presign().upload_url, "x").status == 200);
    lab.pass(5min);
    CHECK(lab.log().last_hint().empty());
    for (const auto& [level, line] : lab.log().lines()) {
        INFO(line);
        CHECK(level <= LogLevel::Info);
    }
}

TEST_CASE("what handlers send is overheard, whole and in order", "[lab]") {
    Lab lab;
    const Presigned made = lab.presign();
    REQUIRE(lab.put(made.upload_url, "x").status == 200);
    const auto& sent = lab.handler_exchanges();
    REQUIRE(sent.size() == 2); // presigning asks nobody
    CHECK(sent[0].function == stack::kWorkerFunction);
    CHECK(sent[0].request_text.starts_with("PUT /student-upload-bucket-aj/processed/"));
    CHECK(sent[0].response_text.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(sent[1].request_text.starts_with("DELETE /student-upload-bucket-aj/uploads/"));
    CHECK(sent[1].response_text.starts_with("HTTP/1.1 204 No Content\r\n"));
}

TEST_CASE("the log says each delivery's mistake once, not at every attempt", "[lab]") {
    Lab lab(with_broken_worker());
    REQUIRE(lab.put(lab.presign().upload_url, "x").status == 200);
    const auto hints = [&] {
        std::size_t count = 0;
        for (const auto& [level, line] : lab.log().lines()) {
            count += level == LogLevel::Hint && line.find("permission-missing") != line.npos;
        }
        return count;
    };
    // One for the worker's refused request, one for the delivery it failed.
    CHECK(hints() == 2);
    lab.pass(5min);
    CHECK(hints() == 4); // the two retries' own requests
}

TEST_CASE("every upload ends in processed/ exactly once, in any order of things", "[lab][seeds]") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        LabOptions options;
        options.seed = seed;
        Lab lab(options);
        std::mt19937_64 dice(seed);
        std::vector<Presigned> waiting;
        std::map<std::string, std::string> uploaded; // key, body
        INFO("seed " << seed);
        for (int step = 0; step < 30; ++step) {
            switch (dice() % 5) {
            case 0:
            case 1:
                waiting.push_back(lab.presign());
                break;
            case 2:
            case 3: {
                if (waiting.empty()) {
                    break;
                }
                const std::size_t which = dice() % waiting.size();
                const Presigned made = waiting[which];
                waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(which));
                const std::string body = "body " + std::to_string(step);
                const int status = lab.put(made.upload_url, body).status;
                if (status == 200) {
                    uploaded[made.s3_key] = body;
                } else {
                    REQUIRE(status == 403); // too late
                }
                break;
            }
            default:
                if (dice() % 4 == 0) {
                    lab.advance(seconds{dice() % 200});
                } else {
                    lab.pass(seconds{dice() % 100});
                }
            }
        }
        lab.pass(10min);
        std::size_t in_processed = 0;
        lab.store().read([&](const store::ReadTx& tx) {
            const auto bucket = tx.find_bucket(stack::kLabBucket);
            REQUIRE(bucket.has_value());
            tx.scan_objects(bucket->id, "", [&](const store::Object& object) {
                in_processed += object.key.starts_with("processed/upload-") ? 1 : 0;
                CHECK_FALSE(object.key.starts_with("uploads/upload-"));
                return store::ScanStep::next();
            });
        });
        CHECK(in_processed == uploaded.size());
        for (const auto& [key, body] : uploaded) {
            ClientRequest get;
            get.url =
                std::string(kEndpoint) + '/' + std::string(stack::kLabBucket) + '/' + moved(key);
            CHECK(lab.send_signed(get, Lab::administrator()).body == body);
            CHECK(card_of(lab, key).state == store::DeliveryState::Done);
            CHECK(card_of(lab, key).attempts == 1);
        }
    }
}
