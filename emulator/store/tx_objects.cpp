// Objects and their bodies.
#include "emulator/core/assert.hpp"
#include "emulator/store/blob_directory.hpp"
#include "emulator/store/connection.hpp"
#include "emulator/store/record.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>

namespace benchtop::store {
namespace {

void read_object(const Statement& row, Object& object) {
    object.key.assign(row.view_at(0));
    object.size = static_cast<std::uint64_t>(row.integer_at(1));
    object.etag.assign(row.view_at(2));
    object.last_modified = row.time_at(3);
    object.body = row.integer_at(4);
    object.sequencer.assign(row.view_at(5));
    unpack_details(row.view_at(6), object);
}

} // namespace

bool ReadTx::bucket_is_empty(BucketId bucket) const {
    return !connection_.query(Sql::AnyObject).integer(bucket).step();
}

std::optional<Object> ReadTx::find_object(BucketId bucket, std::string_view key) const {
    Statement row = connection_.query(Sql::FindObject);
    if (!row.integer(bucket).blob(key).step()) {
        return std::nullopt;
    }
    std::optional<Object> object(std::in_place);
    read_object(row, *object);
    return object;
}

void ReadTx::scan_objects(
    BucketId bucket, std::string_view from, const std::function<ScanStep(const Object&)>& visit
) const {
    Statement rows = connection_.query(Sql::ScanObjects);
    rows.integer(bucket).blob(from);
    Object object;
    std::string seek;
    while (rows.step()) {
        read_object(rows, object);
        ScanStep step = visit(object);
        if (step.kind == ScanStep::Kind::Stop) {
            return;
        }
        if (step.kind == ScanStep::Kind::SkipTo && step.skip_to > object.key) {
            seek = std::move(step.skip_to);
            rows.rewind();
            rows.integer(bucket).blob(seek);
        }
    }
}

std::optional<BodyContent> ReadTx::open_body(BodyId body) const {
    if (body == 0) {
        return BodyContent(std::string());
    }
    {
        Statement bytes = connection_.query(Sql::FindBodyBytes);
        if (bytes.integer(body).step()) {
            return BodyContent(bytes.text_at(0));
        }
    }
    Statement row = connection_.query(Sql::FindBody);
    if (!row.integer(body).step() || row.null_at(1)) {
        return std::nullopt;
    }
    const std::string path = (connection_.commons().blobs() / row.view_at(1)).string();
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        throw StoreFailure("cannot open " + path + ": " + std::generic_category().message(errno));
    }
    return BodyContent(std::make_shared<const FileHandle>(fd));
}

BodyId WriteTx::add_body(StagedBody& body) {
    if (body.size == 0) {
        return 0;
    }
    WriterState& state = connection_.writer();
    const BodyId id = ++state.last_body;
    const auto size = static_cast<std::int64_t>(body.size);
    if (body.file) {
        const std::string name = blob_name(id);
        connection_.modify(Sql::AddBody).integer(id).integer(size).text(name).run();
        adopt_blob(connection_.commons(), *body.file, name);
        state.job.adopted_files.push_back(name);
    } else {
        connection_.modify(Sql::AddBody).integer(id).integer(size).null().run();
        connection_.modify(Sql::AddBodyBytes).integer(id).blob(body.small).run();
    }
    state.job.unreferenced.push_back(id);
    return id;
}

void WriteTx::drop_unreferenced(BodyId body) {
    bool unused = false;
    std::string file;
    {
        Statement row = connection_.query(Sql::FindBody);
        if (row.integer(body).step()) {
            unused = row.integer_at(0) == 0;
            file = row.text_at(1);
        }
    }
    if (!unused) {
        return;
    }
    connection_.modify(Sql::DeleteBody).integer(body).run();
    if (file.empty()) {
        connection_.modify(Sql::DeleteBodyBytes).integer(body).run();
    } else {
        connection_.writer().job.released_files.push_back(std::move(file));
    }
}

void WriteTx::retain_body(BodyId body) {
    if (body == 0) {
        return;
    }
    connection_.modify(Sql::RetainBody).integer(body).run();
    BT_ASSERT(sqlite3_changes(connection_.handle()) == 1);
    std::erase(connection_.writer().job.unreferenced, body);
}

void WriteTx::release_body(BodyId body) {
    if (body == 0) {
        return;
    }
    connection_.modify(Sql::ReleaseBody).integer(body).run();
    drop_unreferenced(body);
}

void WriteTx::put_object(BucketId bucket, const Object& object) {
    BodyId replaced = 0;
    {
        Statement row = connection_.query(Sql::FindObjectBody);
        if (row.integer(bucket).blob(object.key).step()) {
            replaced = row.integer_at(0);
        }
    }
    retain_body(object.body); // first: the two may be one
    release_body(replaced);
    const std::string details = pack_details(object);
    connection_.modify(Sql::PutObject)
        .integer(bucket)
        .blob(object.key)
        .integer(object.body)
        .integer(static_cast<std::int64_t>(object.size))
        .text(object.etag)
        .time(object.last_modified)
        .text(object.sequencer)
        .blob(details)
        .run();
}

bool WriteTx::delete_object(BucketId bucket, std::string_view key) {
    BodyId body = 0;
    {
        Statement row = connection_.query(Sql::FindObjectBody);
        if (!row.integer(bucket).blob(key).step()) {
            return false;
        }
        body = row.integer_at(0);
    }
    connection_.modify(Sql::DeleteObject).integer(bucket).blob(key).run();
    release_body(body);
    return true;
}

std::string WriteTx::next_sequencer(UtcInstant now) {
    // Seconds in the upper half, a counter in the lower one that starts at the second's fraction;
    // the last value wins over a clock that stands still or steps back.
    constexpr std::uint64_t kReserve = std::uint64_t{10} << 32; // ten seconds at a time
    const auto micros =
        static_cast<std::uint64_t>(std::max<std::int64_t>(now.time_since_epoch().count(), 0));
    const std::uint64_t by_clock = (micros / 1'000'000) << 32 | (micros % 1'000'000) * 4294;
    WriterState& state = connection_.writer();
    const std::uint64_t value = std::max(by_clock, state.last_sequencer + 1);
    state.last_sequencer = value;
    if (value > state.reserved_sequencer) {
        const std::uint64_t reserved = value + kReserve;
        const std::string text = std::to_string(reserved);
        connection_.modify(Sql::PutSetting).text(kSequencerSetting).text(text).run();
        state.reserved_sequencer = reserved;
    }
    char text[20];
    std::snprintf(text, sizeof text, "00%016llX", static_cast<unsigned long long>(value));
    return text;
}

} // namespace benchtop::store
