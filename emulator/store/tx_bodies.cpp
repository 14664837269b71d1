// Bodies: rows, files, and compositions of both.
#include "emulator/core/assert.hpp"
#include "emulator/store/blob_directory.hpp"
#include "emulator/store/connection.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace benchtop::store {
namespace {

struct BodyRow {
    std::int64_t refs = 0;
    std::string file; // "" for a row's or a composition
    std::uint64_t size = 0;
    bool composite = false;
};

std::optional<BodyRow> find_body(Connection& connection, BodyId body) {
    Statement row = connection.query(Sql::FindBody);
    if (!row.integer(body).step()) {
        return std::nullopt;
    }
    return BodyRow{
        row.integer_at(0),
        row.text_at(1),
        static_cast<std::uint64_t>(row.integer_at(2)),
        row.integer_at(3) != 0};
}

std::optional<std::string> find_bytes(Connection& connection, const BodySlice& slice) {
    Statement row = connection.query(Sql::FindBodyBytes);
    if (!row.integer(slice.body).step()) {
        return std::nullopt;
    }
    const std::string_view bytes = row.view_at(0);
    const auto offset =
        static_cast<std::size_t>(std::min<std::uint64_t>(slice.offset, bytes.size()));
    return std::string(bytes.substr(
        offset, static_cast<std::size_t>(std::min<std::uint64_t>(slice.size, SIZE_MAX))
    ));
}

// nullptr: it is gone.
std::shared_ptr<const FileHandle> open_file(Files& files, const std::string& path) {
    std::shared_ptr<const FileHandle> file;
    const int error = files.open(path, file);
    if (error != 0 && error != ENOENT) {
        throw StoreFailure("cannot open " + path + ": " + std::generic_category().message(error));
    }
    return file;
}

struct StoredPiece {
    std::string bytes; // when file is ""
    std::string file;  // under blobs/
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

class StoredPieces final : public BodyPieces {
public:
    StoredPieces(
        Files& files,
        std::filesystem::path blobs,
        std::vector<StoredPiece> pieces,
        std::unique_ptr<FilePins::Pin> pin
    )
        : files_(files)
        , blobs_(std::move(blobs))
        , pieces_(std::move(pieces))
        , pin_(std::move(pin)) {
        for (const StoredPiece& piece : pieces_) {
            length_ += piece.size;
        }
    }

    std::uint64_t length() const override { return length_; }

    std::optional<std::variant<std::string, FileSlice>> next() override {
        if (next_ == pieces_.size()) {
            return std::nullopt;
        }
        StoredPiece& piece = pieces_[next_++];
        if (piece.file.empty()) {
            return std::move(piece.bytes);
        }
        try {
            if (auto handle = open_file(files_, (blobs_ / piece.file).string())) {
                return FileSlice{std::move(handle), piece.offset, piece.size};
            }
        } catch (const StoreFailure&) {
            // As if it were gone: the answer ends early, and the client sees that it did.
        }
        return std::nullopt;
    }

private:
    Files& files_;
    std::filesystem::path blobs_;
    std::vector<StoredPiece> pieces_;
    std::unique_ptr<FilePins::Pin> pin_;
    std::uint64_t length_ = 0;
    std::size_t next_ = 0;
};

// The slices of plain bodies that `slice` of a composition consists of.
std::vector<BodySlice> slices_of(Connection& connection, const BodySlice& slice) {
    std::vector<BodySlice> slices;
    const std::uint64_t end = slice.offset + slice.size;
    Statement rows = connection.query(Sql::ListBodySlices);
    rows.integer(slice.body)
        .integer(static_cast<std::int64_t>(slice.offset))
        .integer(static_cast<std::int64_t>(end));
    while (rows.step()) {
        const auto start = static_cast<std::uint64_t>(rows.integer_at(0));
        const auto size = static_cast<std::uint64_t>(rows.integer_at(1));
        const std::uint64_t from = std::max(start, slice.offset);
        const std::uint64_t to = std::min(start + size, end);
        slices.push_back(
            {rows.integer_at(2),
             static_cast<std::uint64_t>(rows.integer_at(3)) + (from - start),
             to - from}
        );
    }
    return slices;
}

std::optional<BodyContent> open_composite(Connection& connection, const BodySlice& slice) {
    std::vector<StoredPiece> pieces;
    std::vector<std::string> files;
    bool all_in_memory = true;
    for (const BodySlice& part : slices_of(connection, slice)) {
        StoredPiece piece{{}, {}, part.offset, part.size};
        if (auto bytes = find_bytes(connection, part)) {
            piece.bytes = *std::move(bytes);
        } else if (const auto row = find_body(connection, part.body)) {
            piece.file = row->file;
            files.push_back(row->file);
            all_in_memory = false;
        } else {
            return std::nullopt;
        }
        pieces.push_back(std::move(piece));
    }
    if (all_in_memory) {
        std::string bytes;
        for (const StoredPiece& piece : pieces) {
            bytes += piece.bytes;
        }
        return BodyContent(std::move(bytes));
    }
    const Commons& commons = connection.commons();
    const auto& blobs = commons.blobs();
    auto pin = commons.pins().pin(files);
    const bool gone = std::ranges::any_of(files, [&](const std::string& file) {
        return !commons.files().exists((blobs / file).string());
    });
    if (gone) {
        return std::nullopt;
    }
    return BodyContent(
        std::make_shared<StoredPieces>(commons.files(), blobs, std::move(pieces), std::move(pin))
    );
}

} // namespace

std::optional<BodyContent> ReadTx::open_body(const BodySlice& slice) const {
    if (slice.body == 0 || slice.size == 0) {
        return BodyContent(std::string());
    }
    if (auto bytes = find_bytes(connection_, slice)) {
        return BodyContent(*std::move(bytes));
    }
    const auto row = find_body(connection_, slice.body);
    if (!row) {
        return std::nullopt;
    }
    const std::uint64_t offset = std::min(slice.offset, row->size);
    const BodySlice cut{slice.body, offset, std::min(slice.size, row->size - offset)};
    if (row->composite) {
        return open_composite(connection_, cut);
    }
    const Commons& commons = connection_.commons();
    auto handle = open_file(commons.files(), (commons.blobs() / row->file).string());
    if (!handle) {
        return std::nullopt;
    }
    return BodyContent(FileSlice{std::move(handle), cut.offset, cut.size});
}

std::vector<BodyPart> ReadTx::body_parts(BodyId body, int after, std::size_t limit) const {
    std::vector<BodyPart> parts;
    Statement rows = connection_.query(Sql::ListBodyParts);
    rows.integer(body).integer(after).integer(static_cast<std::int64_t>(limit));
    while (rows.step()) {
        parts.push_back(
            {static_cast<std::uint64_t>(rows.integer_at(0)),
             static_cast<std::uint64_t>(rows.integer_at(1)),
             rows.text_at(2)}
        );
    }
    return parts;
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

std::vector<BodySlice> WriteTx::plain_slices(const BodySlice& slice) const {
    const auto row = find_body(connection_, slice.body);
    BT_ASSERT(row && slice.offset + slice.size <= row->size);
    return row->composite ? slices_of(connection_, slice) : std::vector{slice};
}

BodyId
WriteTx::compose_body(const std::vector<BodySlice>& slices, const std::vector<BodyPart>& parts) {
    std::vector<BodySlice> plain;
    std::uint64_t size = 0;
    for (const BodySlice& slice : slices) {
        if (slice.size > 0) {
            const auto pieces = plain_slices(slice);
            plain.insert(plain.end(), pieces.begin(), pieces.end());
            size += slice.size;
        }
    }
    if (size == 0) {
        return 0;
    }
    WriterState& state = connection_.writer();
    const BodyId id = ++state.last_body;
    connection_.modify(Sql::AddCompositeBody)
        .integer(id)
        .integer(static_cast<std::int64_t>(size))
        .run();
    std::uint64_t offset = 0;
    for (const BodySlice& slice : plain) {
        retain_body(slice.body);
        connection_.modify(Sql::AddBodySlice)
            .integer(id)
            .integer(static_cast<std::int64_t>(offset))
            .integer(static_cast<std::int64_t>(slice.size))
            .integer(slice.body)
            .integer(static_cast<std::int64_t>(slice.offset))
            .run();
        offset += slice.size;
    }
    int number = 0;
    for (const BodyPart& part : parts) {
        connection_.modify(Sql::AddBodyPart)
            .integer(id)
            .integer(++number)
            .integer(static_cast<std::int64_t>(part.offset))
            .integer(static_cast<std::int64_t>(part.size))
            .text(part.checksum)
            .run();
    }
    state.job.unreferenced.push_back(id);
    return id;
}

void WriteTx::drop_unreferenced(BodyId body) {
    const auto row = find_body(connection_, body);
    if (!row || row->refs != 0) {
        return;
    }
    std::vector<BodySlice> sources;
    if (row->composite) {
        sources = slices_of(connection_, {body, 0, row->size});
        connection_.modify(Sql::DeleteBodySlices).integer(body).run();
        connection_.modify(Sql::DeleteBodyParts).integer(body).run();
    } else if (row->file.empty()) {
        connection_.modify(Sql::DeleteBodyBytes).integer(body).run();
    } else {
        connection_.writer().job.released_files.push_back(row->file);
    }
    connection_.modify(Sql::DeleteBody).integer(body).run();
    for (const BodySlice& source : sources) {
        release_body(source.body);
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

} // namespace benchtop::store
