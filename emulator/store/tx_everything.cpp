// What concerns the store as a whole.
#include "emulator/store/connection.hpp"

namespace benchtop::store {

void WriteTx::remove_everything() {
    Effects& effects = connection_.writer().job;
    {
        Statement files = connection_.query(Sql::ListBodyFiles);
        while (files.step()) {
            effects.released_files.push_back(files.text_at(0));
        }
    }
    for (auto sql = static_cast<std::size_t>(Sql::ClearSettings);
         sql < static_cast<std::size_t>(Sql::ClearRowIds);
         ++sql) {
        connection_.modify(static_cast<Sql>(sql)).run();
    }
    connection_.writer().reserved_sequencer = 0; // its row is gone
    effects.unreferenced.clear();
    effects.pending.clear();
    effects.axis = TimeAxis{};
    effects.identities = true;
    effects.configuration = true;
}

} // namespace benchtop::store
