// Deliveries: the outbox.
#include "emulator/store/connection.hpp"

namespace benchtop::store {
namespace {

// Finished deliveries are kept for the person who looks what became of an event, but not for ever:
// the newest kKept, tidied up every kPruneEvery inserts.
constexpr std::int64_t kKept = 10'000;
constexpr std::int64_t kPruneEvery = 256;

Delivery read_delivery(const Statement& row) {
    Delivery delivery;
    delivery.id = row.integer_at(0);
    delivery.state = static_cast<DeliveryState>(row.integer_at(1));
    delivery.bucket = row.text_at(2);
    delivery.key = row.text_at(3);
    delivery.event_name = row.text_at(4);
    delivery.rule_id = row.text_at(5);
    delivery.explanation = row.text_at(6);
    delivery.function_arn = row.text_at(7);
    delivery.payload = row.text_at(8);
    delivery.request_id = row.text_at(9);
    delivery.source_account = row.text_at(10);
    delivery.created_at = row.time_at(11);
    delivery.attempts = static_cast<int>(row.integer_at(12));
    delivery.last_attempt_at = row.time_at(13);
    delivery.delay = microseconds{row.integer_at(14)};
    delivery.last_result = row.text_at(15);
    delivery.source = row.text_at(16);
    delivery.details = row.text_at(17);
    return delivery;
}

// The literals of statements.def test for it.
static_assert(static_cast<int>(DeliveryState::Pending) == 1);

} // namespace

std::optional<Delivery> ReadTx::find_delivery(std::int64_t id) const {
    Statement row = connection_.query(Sql::FindDelivery);
    return row.integer(id).step() ? std::optional(read_delivery(row)) : std::nullopt;
}

std::vector<Delivery>
ReadTx::list_deliveries(std::string_view bucket, std::string_view key, std::size_t limit) const {
    const Sql sql = bucket.empty() ? (key.empty() ? Sql::ListDeliveries : Sql::ListDeliveriesOfKey)
                    : key.empty()  ? Sql::ListDeliveriesOfBucket
                                   : Sql::ListDeliveriesOfObject;
    Statement rows = connection_.query(sql);
    rows.integer(static_cast<std::int64_t>(limit));
    if (sql != Sql::ListDeliveries) {
        rows.text(bucket);
    }
    if (!key.empty()) {
        rows.blob(key);
    }
    std::vector<Delivery> deliveries;
    while (rows.step()) {
        deliveries.push_back(read_delivery(rows));
    }
    return deliveries;
}

std::vector<Delivery> ReadTx::pending_deliveries() const {
    std::vector<Delivery> deliveries;
    Statement rows = connection_.query(Sql::ListPendingDeliveries);
    while (rows.step()) {
        deliveries.push_back(read_delivery(rows));
    }
    return deliveries;
}

std::int64_t WriteTx::add_delivery(const Delivery& delivery) {
    WriterState& state = connection_.writer();
    const std::int64_t id = ++state.last_delivery;
    connection_.modify(Sql::AddDelivery)
        .integer(id)
        .integer(static_cast<int>(delivery.state))
        .text(delivery.bucket)
        .blob(delivery.key)
        .text(delivery.event_name)
        .text(delivery.rule_id)
        .text(delivery.explanation)
        .text(delivery.function_arn)
        .text(delivery.payload)
        .text(delivery.request_id)
        .text(delivery.source_account)
        .time(delivery.created_at)
        .integer(delivery.attempts)
        .time(delivery.last_attempt_at)
        .integer(delivery.delay.count())
        .text(delivery.last_result)
        .text(delivery.source)
        .text(delivery.details)
        .run();
    if (delivery.state == DeliveryState::Pending) {
        state.job.pending.push_back(delivery);
        state.job.pending.back().id = id;
    }
    if (id % kPruneEvery == 0 && id > kKept) {
        connection_.modify(Sql::PruneDeliveries).integer(id - kKept).run();
    }
    return id;
}

void WriteTx::update_delivery(const Delivery& delivery) {
    connection_.modify(Sql::UpdateDelivery)
        .integer(delivery.id)
        .integer(static_cast<int>(delivery.state))
        .integer(delivery.attempts)
        .time(delivery.last_attempt_at)
        .integer(delivery.delay.count())
        .text(delivery.last_result)
        .text(delivery.request_id)
        .text(delivery.details)
        .run();
}

} // namespace benchtop::store
