namespace CloudPhone.Sidecar.State.Redis;

/// <summary>KEYS are the reminders' hash and the sorted set of when to look at them; times are milliseconds.</summary>
static class ReminderScripts
{
    const string Now = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local function text(number) return string.format('%.0f', number) end

        """;

    const string IsCurrent = """
        local function current(field, beginning)
          local value = redis.call('HGET', KEYS[1], field)
          return value and string.sub(value, 1, #beginning) == beginning
        end

        """;

    /// <summary>ARGV: field, value, when it is due, "1" to replace.</summary>
    public const string Put = """
        if ARGV[4] ~= '1' and redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
        return 1
        """;

    /// <summary>ARGV: field.</summary>
    public const string Delete = """
        redis.call('ZREM', KEYS[2], ARGV[1])
        return redis.call('HDEL', KEYS[1], ARGV[1])
        """;

    /// <summary>ARGV: how many at most, the hold. Gives the wait for the next one, or -1, and the values.</summary>
    public const string Take = Now + """
        local answer = { '-1' }
        for _, field in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', text(now), 'LIMIT', 0, ARGV[1])) do
          local value = redis.call('HGET', KEYS[1], field)
          if value then
            redis.call('ZADD', KEYS[2], text(now + ARGV[2]), field)
            answer[#answer + 1] = value
          else
            redis.call('ZREM', KEYS[2], field)
          end
        end
        local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
        if first[2] then answer[1] = text(math.max(0, first[2] - now)) end
        return answer
        """;

    /// <summary>ARGV: the hold, then field and beginning of each. Gives the numbers of those that still are.</summary>
    public const string Hold = Now + IsCurrent + """
        local still = {}
        for i = 2, #ARGV, 2 do
          if current(ARGV[i], ARGV[i + 1]) then
            redis.call('ZADD', KEYS[2], text(now + ARGV[1]), ARGV[i])
            still[#still + 1] = i / 2
          end
        end
        return still
        """;

    /// <summary>ARGV: field, its beginning, the next value or "", when that is due.</summary>
    public const string Complete = IsCurrent + """
        if not current(ARGV[1], ARGV[2]) then return 0 end
        if ARGV[3] == '' then
          redis.call('HDEL', KEYS[1], ARGV[1])
          redis.call('ZREM', KEYS[2], ARGV[1])
        else
          redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
          redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
        end
        return 1
        """;
}
