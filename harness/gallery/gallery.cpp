#include "harness/gallery/gallery.hpp"

#include "handlers/aws/event.hpp"
#include "handlers/aws/handler.hpp"
#include "handlers/aws/s3_client.hpp"
#include "handlers/hosts/plugin_host_entry.hpp"

#include <array>
#include <string>

namespace benchtop::harness::gallery {
namespace {

using handlers::aws::Context;
using handlers::aws::Handler;
using handlers::aws::Outcome;
using handlers::aws::S3Client;
using handlers::aws::S3Event;
using handlers::aws::S3EventRecord;

constexpr std::string_view kUploads = "uploads/";

std::string moved_key(std::string_view key) {
    return "processed/" + std::string(key.substr(kUploads.size()));
}

// Each record is given to `move`, whose error ends the event.
template <class Move>
Outcome<std::string> each_record(std::string_view json, Context& context, Move move) {
    const auto event = S3Event::parse(json);
    if (!event) {
        return event.error();
    }
    auto s3 = S3Client::from(context);
    if (!s3) {
        return s3.error();
    }
    for (const S3EventRecord& record : event->records) {
        if (const Outcome<void> done = move(*s3, record); !done) {
            return done.error();
        }
    }
    return std::string("{}");
}

// Keeps what it moves in memory only, between two calls that may be the last.
Outcome<std::string> delete_before_copy(std::string_view json, Context& context) {
    return each_record(
        json,
        context,
        [](S3Client& s3, const S3EventRecord& record) -> Outcome<void> {
            const std::string key = record.key();
            const auto body = s3.get_object(record.bucket, key);
            if (!body) {
                return body.error();
            }
            if (auto done = s3.delete_object(record.bucket, key); !done) {
                return done.error();
            }
            return s3.put_object(record.bucket, moved_key(key), *body);
        }
    );
}

// Takes the key as it stands in the event.
Outcome<std::string> no_key_decoding(std::string_view json, Context& context) {
    return each_record(
        json,
        context,
        [](S3Client& s3, const S3EventRecord& record) -> Outcome<void> {
            const std::string& key = record.encoded_key;
            if (auto done = s3.copy_object(record.bucket, key, record.bucket, moved_key(key));
                !done) {
                return done.error();
            }
            return s3.delete_object(record.bucket, key);
        }
    );
}

// Fails when there is nothing left to do.
Outcome<std::string> not_idempotent(std::string_view json, Context& context) {
    return each_record(
        json,
        context,
        [](S3Client& s3, const S3EventRecord& record) -> Outcome<void> {
            const std::string key = record.key();
            if (auto done = s3.copy_object(record.bucket, key, record.bucket, moved_key(key));
                !done) {
                return done.error();
            }
            return s3.delete_object(record.bucket, key);
        }
    );
}

// Writes where its own trigger listens.
Outcome<std::string> feeds_itself(std::string_view json, Context& context) {
    return each_record(
        json,
        context,
        [](S3Client& s3, const S3EventRecord& record) -> Outcome<void> {
            const std::string key = record.key();
            return s3.copy_object(
                record.bucket, key, record.bucket, std::string(kUploads) + moved_key(key)
            );
        }
    );
}

// Says that all is well, whatever S3 said.
Outcome<std::string> swallows_errors(std::string_view json, Context& context) {
    return each_record(
        json,
        context,
        [](S3Client& s3, const S3EventRecord& record) -> Outcome<void> {
            const std::string key = record.key();
            if (s3.copy_object(record.bucket, key, record.bucket, moved_key(key))) {
                (void)s3.delete_object(record.bucket, key);
            }
            return {};
        }
    );
}

// Deletes what was put meanwhile: the lab's worker of the handout does.
Outcome<std::string> deletes_the_newer(std::string_view json, Context& context) {
    return each_record(
        json,
        context,
        [](S3Client& s3, const S3EventRecord& record) -> Outcome<void> {
            const std::string key = record.key();
            const auto copied = s3.copy_object(record.bucket, key, record.bucket, moved_key(key));
            if (!copied && copied.error().type() != "NoSuchKey") {
                return copied.error();
            }
            return s3.delete_object(record.bucket, key);
        }
    );
}

constexpr Handler kDeleteBeforeCopy{"delete_before_copy", nullptr, delete_before_copy};
constexpr Handler kNoKeyDecoding{"no_key_decoding", nullptr, no_key_decoding};
constexpr Handler kNotIdempotent{"not_idempotent", nullptr, not_idempotent};
constexpr Handler kFeedsItself{"feeds_itself", nullptr, feeds_itself};
constexpr Handler kSwallowsErrors{"swallows_errors", nullptr, swallows_errors};
constexpr Handler kDeletesTheNewer{"deletes_the_newer", nullptr, deletes_the_newer};

} // namespace

std::span<const WrongWorker> wrong_workers() {
    using handlers::hosts::plugin_of;
    static const std::array workers{
        WrongWorker{
            "delete_before_copy",
            "deletes the original before the copy is there",
            "moved",
            plugin_of<kDeleteBeforeCopy>()},
        WrongWorker{
            "no_key_decoding",
            "takes the key of the event as it stands, with its + and %",
            "moved",
            plugin_of<kNoKeyDecoding>()},
        WrongWorker{
            "not_idempotent",
            "fails when an event comes a second time",
            "no-dead-event",
            plugin_of<kNotIdempotent>()},
        WrongWorker{
            "feeds_itself",
            "writes under the prefix its own trigger listens to",
            "no-loop",
            plugin_of<kFeedsItself>()},
        WrongWorker{
            "swallows_errors",
            "reports success when S3 refused, so that nobody tries again",
            "moved",
            plugin_of<kSwallowsErrors>()},
        WrongWorker{
            "deletes_the_newer",
            "deletes whatever is there now, also what was put after the copy",
            "moved",
            plugin_of<kDeletesTheNewer>()}};
    return workers;
}

} // namespace benchtop::harness::gallery
