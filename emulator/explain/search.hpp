// Tries the slips, one and then two at a time, until the client's signature comes out. Private to
// this room.
#pragma once

#include "emulator/explain/slips.hpp"

#include <string_view>

namespace benchtop::explain {

struct Fit {
    std::vector<Slip> slips; // applied in this order
    Message message;         // what the client must have signed
};

class Search {
public:
    // `seen` has the secret of the key the request names. A `provided` that was cut short fits by
    // its beginning. Both outlive the search.
    Search(const Message& seen, const Known& known, std::string_view provided);

    std::optional<Fit> run();

    bool fits(const Message& message);

    std::size_t tried() const { return tried_; }

private:
    // Whatever a request holds, explaining it ends soon.
    static constexpr std::size_t kTriesMax = 8000;
    static constexpr std::size_t kBytesMax = 12 << 20;
    static constexpr std::size_t kPairedMax = 64;

    bool spent() const { return tried_ >= kTriesMax || bytes_ >= kBytesMax; }

    std::optional<Fit> alone(const std::vector<SlipRule>& rules);
    std::optional<Fit> in_pairs();

    const Message& seen_;
    const Known& known_;
    std::string_view provided_;
    Signer signer_;
    std::vector<Slip> frequent_;
    std::size_t tried_ = 0;
    std::size_t bytes_ = 0;
};

} // namespace benchtop::explain
