// Multipart uploads and their parts.
#include "emulator/store/connection.hpp"
#include "emulator/store/record.hpp"

namespace benchtop::store {
namespace {

Upload read_upload(const Statement& row) {
    Upload upload;
    upload.id = row.text_at(0);
    upload.bucket = row.integer_at(1);
    unpack_details(row.view_at(8), upload.object);
    upload.object.key = row.text_at(2);
    upload.object.sequencer = row.text_at(3);
    upload.initiated_at = row.time_at(4);
    upload.initiator = row.text_at(5);
    upload.initiator_name = row.text_at(6);
    upload.completion = row.text_at(7);
    upload.key_deleted = row.integer_at(9) != 0;
    return upload;
}

UploadPart read_part(const Statement& row) {
    UploadPart part;
    part.number = static_cast<int>(row.integer_at(0));
    part.body = row.integer_at(1);
    part.size = static_cast<std::uint64_t>(row.integer_at(2));
    part.etag = row.text_at(3);
    part.checksum = row.text_at(4);
    part.last_modified = row.time_at(5);
    return part;
}

} // namespace

std::optional<Upload> ReadTx::find_upload(std::string_view id) const {
    Statement row = connection_.query(Sql::FindUpload);
    return row.text(id).step() ? std::optional(read_upload(row)) : std::nullopt;
}

void ReadTx::scan_uploads(
    BucketId bucket, std::string_view from, const std::function<ScanStep(const Upload&)>& visit
) const {
    Statement rows = connection_.query(Sql::ScanUploads);
    rows.integer(bucket).blob(from);
    std::string seek;
    while (rows.step()) {
        const Upload upload = read_upload(rows);
        ScanStep step = visit(upload);
        if (step.kind == ScanStep::Kind::Stop) {
            return;
        }
        if (step.kind == ScanStep::Kind::SkipTo && step.skip_to > upload.object.key) {
            seek = std::move(step.skip_to);
            rows.rewind();
            rows.integer(bucket).blob(seek);
        }
    }
}

std::optional<UploadPart> ReadTx::find_upload_part(std::string_view upload, int number) const {
    Statement row = connection_.query(Sql::FindUploadPart);
    return row.text(upload).integer(number).step() ? std::optional(read_part(row)) : std::nullopt;
}

std::vector<UploadPart>
ReadTx::upload_parts(std::string_view upload, int after, std::size_t limit) const {
    std::vector<UploadPart> parts;
    Statement rows = connection_.query(Sql::ListUploadParts);
    rows.text(upload).integer(after).integer(static_cast<std::int64_t>(limit));
    while (rows.step()) {
        parts.push_back(read_part(rows));
    }
    return parts;
}

void WriteTx::put_upload(const Upload& upload) {
    const std::string details = pack_details(upload.object);
    connection_.modify(Sql::PutUpload)
        .text(upload.id)
        .integer(upload.bucket)
        .blob(upload.object.key)
        .text(upload.object.sequencer)
        .time(upload.initiated_at)
        .text(upload.initiator)
        .text(upload.initiator_name)
        .text(upload.completion)
        .blob(details)
        .integer(upload.key_deleted ? 1 : 0)
        .run();
    if (upload.completion.empty()) {
        return;
    }
    std::vector<std::string> forgotten;
    {
        Statement rows = connection_.query(Sql::ListOldEndedUploads);
        rows.integer(static_cast<std::int64_t>(kEndedUploadsMax));
        while (rows.step()) {
            forgotten.push_back(rows.text_at(0));
        }
    }
    for (const std::string& id : forgotten) {
        delete_upload(id);
    }
}

void WriteTx::put_upload_part(std::string_view upload, const UploadPart& part) {
    const auto replaced = find_upload_part(upload, part.number);
    retain_body(part.body);
    connection_.modify(Sql::PutUploadPart)
        .text(upload)
        .integer(part.number)
        .integer(part.body)
        .integer(static_cast<std::int64_t>(part.size))
        .text(part.etag)
        .text(part.checksum)
        .time(part.last_modified)
        .run();
    if (replaced) {
        release_body(replaced->body);
    }
}

void WriteTx::delete_upload_parts(std::string_view upload) {
    const auto parts = upload_parts(upload, 0, SIZE_MAX / 2);
    connection_.modify(Sql::DeleteUploadParts).text(upload).run();
    for (const UploadPart& part : parts) {
        release_body(part.body);
    }
}

void WriteTx::delete_upload(std::string_view id) {
    delete_upload_parts(id);
    connection_.modify(Sql::DeleteUpload).text(id).run();
}

} // namespace benchtop::store
