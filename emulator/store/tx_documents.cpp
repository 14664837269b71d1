// Documents of services, and the events of CloudWatch Logs.
#include "emulator/store/connection.hpp"

namespace benchtop::store {
namespace {

// Rows read before they are shown, so that a visitor may scan another space.
constexpr std::size_t kScanPage = 64;

LogEvent read_log_event(const Statement& row) {
    LogEvent event;
    event.id = row.integer_at(0);
    event.stream = row.text_at(1);
    event.at = row.time_at(2);
    event.ingested_at = row.time_at(3);
    event.message = row.text_at(4);
    return event;
}

} // namespace

std::optional<std::string>
ReadTx::find_document(std::string_view space, std::string_view key) const {
    Statement row = connection_.query(Sql::FindDocument);
    return row.text(space).blob(key).step() ? std::optional(row.text_at(0)) : std::nullopt;
}

void ReadTx::scan_documents(
    std::string_view space,
    std::string_view from,
    const std::function<bool(std::string_view key, std::string_view text)>& visit
) const {
    std::string next(from);
    std::vector<std::pair<std::string, std::string>> page;
    do {
        page.clear();
        {
            Statement rows = connection_.query(Sql::ScanDocuments);
            rows.text(space).blob(next);
            while (page.size() < kScanPage && rows.step()) {
                page.emplace_back(rows.text_at(0), rows.text_at(1));
            }
        }
        for (const auto& [key, text] : page) {
            if (!visit(key, text)) {
                return;
            }
        }
        if (!page.empty()) {
            next = page.back().first + '\0';
        }
    } while (page.size() == kScanPage);
}

void WriteTx::put_document(std::string_view space, std::string_view key, std::string_view text) {
    connection_.modify(Sql::PutDocument).text(space).blob(key).blob(text).run();
    connection_.writer().job.identities |= space.starts_with("iam/");
}

void WriteTx::delete_document(std::string_view space, std::string_view key) {
    connection_.modify(Sql::DeleteDocument).text(space).blob(key).run();
    connection_.writer().job.identities |= space.starts_with("iam/");
}

void ReadTx::scan_log_events(
    std::string_view group,
    std::string_view stream,
    UtcInstant from,
    UtcInstant to,
    bool newest_first,
    const std::function<bool(const LogEvent&)>& visit
) const {
    const Sql sql = stream.empty() ? (newest_first ? Sql::ScanLogGroupBack : Sql::ScanLogGroup)
                                   : (newest_first ? Sql::ScanLogStreamBack : Sql::ScanLogStream);
    Statement rows = connection_.query(sql);
    rows.text(group).time(from).time(to);
    if (!stream.empty()) {
        rows.text(stream);
    }
    while (rows.step() && visit(read_log_event(rows))) {
    }
}

void WriteTx::add_log_event(std::string_view group, const LogEvent& event) {
    connection_.modify(Sql::AddLogEvent)
        .text(group)
        .text(event.stream)
        .time(event.at)
        .time(event.ingested_at)
        .text(event.message)
        .run();
}

void WriteTx::delete_log_events(
    std::string_view group, std::string_view stream, UtcInstant before
) {
    Statement row =
        connection_.modify(stream.empty() ? Sql::DeleteLogGroupEvents : Sql::DeleteLogStreamEvents);
    row.text(group).time(before);
    if (!stream.empty()) {
        row.text(stream);
    }
    row.run();
}

} // namespace benchtop::store
