namespace CloudPhone.Sidecar.State.Redis;

/// <summary>What Redis does in one step.</summary>
static class RedisScripts
{
    /// <summary>
    /// Writes, all or none. KEYS has one key a write; ARGV five values a write: "set" or "del", the ETag or "", the
    /// data, "1" to mark the key first-write, and the seconds to live ("": as it is, "0": without end).
    /// Gives the number of writes, or the refused one's number below zero: ETag; or, beyond 1 000 000, first-write.
    /// </summary>
    public const string Write = """
        local rows = {}
        local function look(key)
          if not rows[key] then
            local kind = redis.call('TYPE', key).ok
            rows[key] = { plain = kind ~= 'hash' and kind ~= 'none' }
            if kind == 'hash' then
              local found = redis.call('HMGET', key, 'version', 'first-write')
              rows[key].version, rows[key].first = found[1], found[2]
            end
          end
          return rows[key]
        end
        for i, key in ipairs(KEYS) do
          local at, row = i * 5 - 4, look(key)
          local etag, version = ARGV[at + 1], row.version
          if etag ~= '' and version and version ~= '' and etag ~= version then return -i end
          if ARGV[at] == 'del' then
            rows[key] = { plain = false }
          else
            if etag == '' and row.first then return -1000000 - i end
            row.version = string.format('%.0f', (tonumber(version) or 0) + 1)
            row.first = row.first or ARGV[at + 3] == '1'
          end
        end
        for i, key in ipairs(KEYS) do
          local at = i * 5 - 4
          if ARGV[at] == 'del' then
            redis.call('DEL', key)
          else
            local kind = redis.call('TYPE', key).ok
            if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', key) end
            redis.call('HSET', key, 'data', ARGV[at + 2])
            if ARGV[at + 3] == '1' then redis.call('HSET', key, 'first-write', 0) end
            redis.call('HINCRBY', key, 'version', 1)
            local ttl = ARGV[at + 4]
            if ttl == '0' then redis.call('PERSIST', key) elseif ttl ~= '' then redis.call('EXPIRE', key, ttl) end
          end
        end
        return #KEYS
        """;
}
