/**
 * Joins the pieces of an answer's tool calls, in the order in which the calls begin. The index that a server sends is used
 * only to find the pieces of one call, never as an index of an array.
 */
export class ToolCalls {
  #calls;
  #byIndex = new Map();
  #byId = new Map();
  #last = null;

  /** @param {{id: string, name: string, arguments: string}[]} calls those that are there; more are added to it */
  constructor(calls) {
    this.#calls = calls;
  }

  /** @param {import('../server/delta.js').ToolCallPiece} piece */
  add(piece) {
    const known = this.#known(piece);
    if (!known && piece.id === '' && piece.name === '' && piece.arguments === '') {
      return; // it is empty
    }
    const call = known ?? this.#begin();
    if (piece.id !== '') {
      call.id ||= piece.id;
      this.#byId.set(piece.id, call);
    }
    if (piece.index !== null) {
      this.#byIndex.set(piece.index, call);
    }
    this.#last = call;
    addName(call, piece.name);
    call.arguments = piece.whole ? piece.arguments : call.arguments + piece.arguments;
  }

  /** The call that a piece continues, if it continues one. */
  #known(piece) {
    if (piece.index !== null) {
      const call = this.#byIndex.get(piece.index);
      return call && !isAnother(piece, call) ? call : undefined;
    }
    if (piece.id !== '') {
      return this.#byId.get(piece.id);
    }
    // Without an index or an id, a name begins a call, unless a call with that name is incomplete.
    const last = this.#last;
    return last && (piece.name === '' || (piece.name === last.name && !isWhole(last.arguments))) ? last : undefined;
  }

  #begin() {
    const call = { id: '', name: '', arguments: '' };
    this.#calls.push(call);
    return call;
  }
}

/** Some servers give every call the same index, but an id of its own; others make up an id for every piece. */
function isAnother(piece, call) {
  return piece.id !== '' && call.id !== '' && piece.id !== call.id && (piece.name !== '' || isWhole(call.arguments));
}

/** A name may come in pieces, or again with every piece. */
function addName(call, name) {
  if (call.arguments === '' && name !== call.name) {
    call.name = name.startsWith(call.name) ? name : call.name + name;
  }
}

function isWhole(json) {
  if (!/^[}\]]$/.test(json.trimEnd().at(-1) ?? '')) {
    return false; // the usual case, which avoids parsing all of it with every piece
  }
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}
