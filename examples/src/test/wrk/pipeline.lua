-- SPDX-License-Identifier: Apache-2.0
-- Sixteen requests at once: wrk --script pipeline.lua URL
local requests

function init(args)
    local one = wrk.format()
    requests = string.rep(one, 16)
end

function request()
    return requests
end
