#include "emulator/explain/search.hpp"

namespace benchtop::explain {
namespace {

// Shorter, a beginning proves nothing.
constexpr std::size_t kProvidedMin = 16;

} // namespace

const std::vector<SlipRule>& slip_rules() {
    static const std::vector<SlipRule> kRules{
        method_slips,
        content_type_slips,
        host_slips,
        path_encoding_slips,
        token_slips,
        query_encoding_slips,
        query_parameter_slips,
        payload_slips,
        header_slips,
        secret_slips,
        region_slips,
        service_slips,
        expires_slips,
        date_slips,
        path_slips};
    return kRules;
}

const std::vector<SlipRule>& last_slip_rules() {
    static const std::vector<SlipRule> kRules{any_expires_slips, mistyped_path_slips};
    return kRules;
}

Search::Search(const Message& seen, const Known& known, std::string_view provided)
    : seen_(seen)
    , known_(known)
    , provided_(provided) {}

bool Search::fits(const Message& message) {
    const SignedText signed_as = signed_text(message);
    ++tried_;
    bytes_ += signed_as.canonical.size() + signed_as.to_sign.size();
    const std::string signature = signer_.sign(message, signed_as);
    return provided_.size() >= kProvidedMin && signature.starts_with(provided_);
}

std::optional<Fit> Search::run() {
    if (auto fit = alone(slip_rules())) {
        return fit;
    }
    if (auto fit = in_pairs()) {
        return fit;
    }
    return alone(last_slip_rules());
}

std::optional<Fit> Search::alone(const std::vector<SlipRule>& rules) {
    for (const SlipRule rule : rules) {
        std::vector<Slip> slips;
        rule(seen_, known_, slips);
        for (Slip& slip : slips) {
            if (spent()) {
                return std::nullopt;
            }
            Message message = seen_;
            slip.apply(message);
            if (fits(message)) {
                return Fit{{std::move(slip)}, std::move(message)};
            }
            if (slip.frequency == Frequency::Frequent && frequent_.size() < kPairedMax) {
                frequent_.push_back(std::move(slip));
            }
        }
    }
    return std::nullopt;
}

std::optional<Fit> Search::in_pairs() {
    for (std::size_t i = 0; i < frequent_.size(); ++i) {
        for (std::size_t j = i + 1; j < frequent_.size(); ++j) {
            if (spent()) {
                return std::nullopt;
            }
            if (frequent_[i].mistake == frequent_[j].mistake) {
                continue;
            }
            Message message = seen_;
            frequent_[i].apply(message);
            frequent_[j].apply(message);
            if (fits(message)) {
                return Fit{{frequent_[i], frequent_[j]}, std::move(message)};
            }
        }
    }
    return std::nullopt;
}

} // namespace benchtop::explain
