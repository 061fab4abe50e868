// Values across pieces: recomputed or kept.
#include <algorithm>

#include "cpu_codegen/barriers/pieces.h"
#include "ir/clone.h"

namespace cantil::cpu_codegen {
namespace {

using ir::Opcode;

constexpr int kMostOps = 16;  // a longer computation is kept, not repeated

bool may_be_repeated(const ir::Op& op) {
  switch (op.code) {
    case Opcode::Math:        // dear
    case Opcode::TupleIndex:  // its index was checked elsewhere
    case Opcode::LocalArray:  // each op is an array of its own
      return false;
    case Opcode::FloorDiv:
    case Opcode::Mod:
    case Opcode::TruncDiv:
    case Opcode::Rem: {
      const ir::Op* divisor = op.operands[1]->def;
      return divisor != nullptr && divisor->code == Opcode::Const && divisor->constant.i != 0;
    }
    default:
      return ir::op_info(op.code).effects == ir::Effects::Pure;
  }
}

class Connection {
 public:
  Connection(ir::Module& m, ir::Function& f, std::vector<Piece>& pieces)
      : module_(m), function_(f), pieces_(pieces) {}

  void run() {
    for (size_t k = 0; k < pieces_.size(); ++k) note_defs(pieces_[k].body(), k);
    for (size_t k = 0; k < pieces_.size(); ++k) {
      Prologue prologue{k, module_.new_region(pieces_[k].loop), {}};
      rewrite(pieces_[k].body(), prologue);
      prologues_.push_back(std::move(prologue));
    }
    for (size_t k = 0; k < pieces_.size(); ++k) assemble(pieces_[k].body(), prologues_[k]);
  }

 private:
  // What a piece computes or loads before its own ops.
  struct Prologue {
    size_t piece;
    ir::Region* region;
    std::unordered_map<const ir::Value*, ir::Value*> made;
  };

  void note_defs(const ir::Region* r, size_t piece) {
    for (const ir::Value* arg : r->args) piece_of_[arg] = piece;
    for (const ir::Op* op : r->ops) {
      if (op->result != nullptr) piece_of_[op->result] = piece;
      for (const ir::Region* nested : op->regions) note_defs(nested, piece);
    }
  }

  void rewrite(ir::Region* r, Prologue& prologue) {
    for (ir::Op* op : r->ops) {
      for (ir::Value*& operand : op->operands) operand = here(operand, prologue);
      for (ir::Region* nested : op->regions) rewrite(nested, prologue);
    }
  }

  // The value as this piece can use it.
  ir::Value* here(ir::Value* v, Prologue& prologue) {
    v = original(v);
    const auto from = piece_of_.find(v);
    if (from == piece_of_.end() || from->second == prologue.piece) return v;
    if (const auto made = prologue.made.find(v); made != prologue.made.end()) return made->second;
    int left = kMostOps;
    ir::Value* result;
    if (kept_.count(v) == 0 && repeatable(v, left)) {  // what is kept already is loaded
      std::vector<ir::Value*> operands;
      for (ir::Value* operand : v->def->operands) operands.push_back(here(operand, prologue));
      ir::Cloner cloner(module_, &function_);
      ir::Op* copy = cloner.op(*v->def, prologue.region);
      copy->operands = std::move(operands);
      result = copy->result;
    } else {
      ir::Builder b(module_, &function_, prologue.region);
      b.set_span(v->def->span);
      ir::Op* get = b.op(Opcode::ThreadVarGet, {}, v->type);
      get->var = kept(v);
      result = get->result;
    }
    prologue.made[v] = result;
    originals_[result] = v;
    return result;
  }

  // Ops of pieces seen before use what those pieces' prologues made; that stands for the value it was made
  // of.
  ir::Value* original(ir::Value* v) const {
    const auto found = originals_.find(v);
    return found == originals_.end() ? v : found->second;
  }

  bool repeatable(const ir::Value* v, int& left) const {
    if (piece_of_.count(v) == 0) return true;  // made at block level: seen by all pieces that follow
    if (kept_.count(v) != 0) return true;      // can be loaded anywhere
    if (v->def == nullptr || --left < 0 || !may_be_repeated(*v->def)) return false;
    return std::all_of(v->def->operands.begin(), v->def->operands.end(),
                       [&](ir::Value* operand) { return repeatable(original(operand), left); });
  }

  ir::Variable* kept(const ir::Value* v) {
    ir::Variable*& variable = kept_[v];
    if (variable == nullptr) {
      variable = module_.new_variable(&function_, fresh_name(function_, "value"), v->type, v->def->span);
    }
    return variable;
  }

  // Prologue first, and each kept value stored where it is made.
  void assemble(ir::Region* body, Prologue& prologue) {
    store_kept(body);
    for (ir::Op* op : prologue.region->ops) op->parent = body;
    body->ops.insert(body->ops.begin(), prologue.region->ops.begin(), prologue.region->ops.end());
  }

  void store_kept(ir::Region* r) {
    std::vector<ir::Op*> ops;
    ops.swap(r->ops);
    ir::Builder b(module_, &function_, r);
    for (ir::Op* op : ops) {
      r->ops.push_back(op);
      for (ir::Region* nested : op->regions) store_kept(nested);
      if (op->result == nullptr) continue;
      if (const auto found = kept_.find(op->result); found != kept_.end()) {
        b.set_span(op->span);
        b.op(Opcode::ThreadVarSet, {op->result})->var = found->second;
      }
    }
  }

  ir::Module& module_;
  ir::Function& function_;
  std::vector<Piece>& pieces_;
  std::vector<Prologue> prologues_;
  std::unordered_map<const ir::Value*, size_t> piece_of_;
  std::unordered_map<const ir::Value*, ir::Variable*> kept_;
  std::unordered_map<const ir::Value*, ir::Value*> originals_;
};

}  // namespace

std::string fresh_name(const ir::Function& f, const std::string& stem) {
  const auto in_use = [&](const std::string& name) {
    return std::any_of(f.variables.begin(), f.variables.end(),
                       [&](const ir::Variable* v) { return v->name == name; });
  };
  std::string name = "." + stem;
  for (int k = 1; in_use(name); ++k) name = "." + stem + std::to_string(k);
  return name;
}

void connect_values(ir::Module& m, ir::Function& f, std::vector<Piece>& pieces) {
  Connection(m, f, pieces).run();
}

}  // namespace cantil::cpu_codegen
