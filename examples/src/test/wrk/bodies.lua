-- SPDX-License-Identifier: Apache-2.0
-- Counts the replies whose body isn't the one expected: wrk --script bodies.lua URL -- EXPECTED
local threads = {}

function setup(thread)
    table.insert(threads, thread)
end

function init(args)
    expected = args[1]
    right = 0
    wrong = 0
end

function response(status, headers, body)
    if status == 200 and body == expected then
        right = right + 1
    else
        wrong = wrong + 1
    end
end

function done(summary, latency, requests)
    local rights, wrongs = 0, 0
    for _, thread in ipairs(threads) do
        rights = rights + thread:get("right")
        wrongs = wrongs + thread:get("wrong")
    end
    print(string.format("bodies: %d right, %d wrong", rights, wrongs))
end
