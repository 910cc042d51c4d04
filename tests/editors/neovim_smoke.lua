-- Drives Neovim 0.7 or later, headless, through one session and writes down what it saw.
--
-- It judges nothing but that things appear in time. Environment: SMOKE_INIT (the user's configuration),
-- SMOKE_RESULT (where the JSON goes). The migration is the file that is open.

local seen = { notices = {}, offered = {} }

local function finish(code)
  local file = assert(io.open(vim.env.SMOKE_RESULT, "w"))
  file:write(vim.fn.json_encode(seen))
  file:close()
  vim.cmd(code == 0 and "qall!" or "cquit 1")
end

local function wait(what, condition)
  if not vim.wait(20000, condition, 20) then
    error("waited 20 s for " .. what)
  end
end

vim.notify = function(message)
  table.insert(seen.notices, message)
end

--- Chooses the code action whose title contains the words.
local function press(words)
  vim.ui.select = function(items, options, choose)
    seen.offered = {}
    local chosen
    for _, item in ipairs(items) do
      local title = options.format_item and options.format_item(item) or item
      table.insert(seen.offered, title)
      chosen = chosen or (title:find(words, 1, true) and item)
    end
    choose(chosen or nil, chosen and 1 or nil)
  end
  vim.lsp.buf.code_action()
end

local function text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
end

--- Waits for the scratch buffer that an action opens, notes its text and closes it.
local function document(migration, action)
  action()
  wait("a document", function()
    return vim.api.nvim_get_current_buf() ~= migration and vim.bo.filetype == "markdown"
  end)
  local written = { name = vim.api.nvim_buf_get_name(0), text = text(0) }
  vim.cmd("close")
  return written
end

local function findings(buffer)
  return vim.tbl_map(function(finding)
    local lsp = (finding.user_data or {}).lsp or {}
    return {
      code = finding.code or lsp.code,
      message = finding.message,
      source = finding.source,
      line = finding.lnum,
      column = finding.col,
    }
  end, vim.diagnostic.get(buffer))
end

--- Opens the list of agents and chooses the file's own one, which takes no part: its file is opened.
local function listed_agents()
  local lines, chosen = {}, nil
  vim.ui.select = function(items, options, choose)
    for _, item in ipairs(items) do
      table.insert(lines, options.format_item(item))
      chosen = item.name == "reader" and item or chosen
    end
    choose(chosen)
  end
  vim.cmd("RollsafeAgents")
  local opened = vim.api.nvim_buf_get_name(0)
  vim.cmd("buffer #")
  return { lines = lines, opened = opened }
end

local function stop()
  local clients = vim.lsp.get_clients or vim.lsp.get_active_clients
  for _, client in ipairs(clients()) do
    if vim.fn.has("nvim-0.11") == 1 then
      client:stop()
    else
      client.stop()
    end
  end
  wait("the server to stop", function()
    return #clients() == 0
  end)
end

--- Presses a key in the window that shows the run and waits until it shows something else.
local function on_run(key)
  local before = text(0)
  vim.api.nvim_feedkeys(key, "xt", false)
  wait("the run to go on after " .. key, function()
    return text(0) ~= before
  end)
  return text(0)
end

--- Carries out a plan: two steps by keys, one by the command, then back.
local function carry_out()
  local notes = { "no answer within 5 s", "errors rise" }
  vim.ui.input = function(_, answered)
    answered(table.remove(notes, 1))
  end
  vim.cmd("RollsafeRun start")
  wait("the run", function()
    return vim.api.nvim_buf_get_name(0):find("/Run$") ~= nil
  end)
  seen.run = { started = text(0), cursor = vim.api.nvim_get_current_line() }
  seen.run.actions = vim.fn.getcompletion("RollsafeRun s", "cmdline")
  seen.run.steps = vim.fn.getcompletion("RollsafeRun done ", "cmdline")
  seen.run.done = on_run("d")
  seen.run.failed = on_run("f")
  vim.api.nvim_feedkeys("y", "xt", false)
  seen.run.copied = vim.fn.getreg('"')
  local before = text(0)
  vim.cmd("RollsafeRun done 2")
  wait("the second step to be done", function()
    return text(0) ~= before
  end)
  while not text(0):find("%- %[ %] R%d") do
    on_run("d")
  end
  seen.run.aborted = on_run("a")
  seen.run.undone = on_run("d")
  seen.run.windows = #vim.api.nvim_list_wins()
  local run = vim.api.nvim_get_current_buf()
  seen.run.report = document(run, function()
    vim.cmd("RollsafeRun report")
  end)
  vim.cmd("close")
end

local function session()
  local migration = vim.api.nvim_get_current_buf()
  wait("findings", function()
    return #vim.diagnostic.get(migration) > 0
  end)
  seen.version = tostring(vim.fn.matchstr(vim.fn.execute("version"), "NVIM v[0-9.]*"))
  seen.findings = findings(migration)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  seen.explained = document(migration, function()
    vim.cmd("RollsafeExplain")
  end)
  seen.explained_by_action = document(migration, function()
    press("Explain")
  end)
  press("CONCURRENTLY")
  wait("the fix", function()
    return text(migration):find("CONCURRENTLY", 1, true) ~= nil
  end)
  vim.cmd("silent write")
  wait("the finding to go", function()
    return #findings(migration) < #seen.findings
  end)
  seen.plan = document(migration, function()
    vim.cmd("RollsafePlan")
  end)
  seen.completed = vim.fn.getcompletion("RollsafePlan r", "cmdline")
  seen.rollback = document(migration, function()
    vim.cmd("RollsafePlan rollback --base=HEAD --environment=staging")
  end)
  seen.reviewers = vim.fn.getcompletion("RollsafeReview d", "cmdline")
  seen.agents = listed_agents()
  carry_out()
  wait("the status to be ready", function()
    return vim.g.rollsafe_status:find("✓", 1, true) ~= nil
  end)
  seen.status = vim.g.rollsafe_status
  seen.error = vim.v.errmsg
  stop()
end

vim.o.swapfile = false
dofile(vim.env.SMOKE_INIT)
vim.api.nvim_create_autocmd("VimEnter", {
  nested = true,
  callback = function()
    local fine, problem = xpcall(session, debug.traceback)
    seen.failure = not fine and problem or nil
    finish(fine and 0 or 1)
  end,
})
