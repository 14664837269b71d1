// `benchtop lab` and `benchtop mistakes`: scenarios on a Benchtop in memory, printed.
#include "emulator/cli/commands.hpp"
#include "harness/mistakes/mistake.hpp"
#include "harness/tour.hpp"

#include <iostream>

namespace benchtop::cli {

namespace mistakes = harness::mistakes;

int lab() {
    const harness::Tour tour = harness::run_tour();
    std::cout << tour.text;
    return tour.good ? 0 : 1;
}

int mistakes_list() {
    std::cout << mistakes::render_list() << "\nbenchtop mistakes run N reproduces one.\n";
    return 0;
}

int mistakes_run(const std::string& which) {
    const auto* const mistake = mistakes::find_mistake(which);
    if (mistake == nullptr) {
        std::cerr << "benchtop: there is no mistake \"" << which
                  << "\"; benchtop mistakes lists them.\n";
        return 1;
    }
    std::cout << mistakes::render(*mistake, mistake->run(), mistakes::Tokens::Shortened);
    return 0;
}

} // namespace benchtop::cli
