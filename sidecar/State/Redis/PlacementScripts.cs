namespace CloudPhone.Sidecar.State.Redis;

/// <summary>KEYS are the hosts and the owners; ARGV begins with the address and the session of who asks.</summary>
static class PlacementScripts
{
    const string Hosts = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local function host(address)
          local value = redis.call('HGET', KEYS[1], address)
          if not value then return nil, 0 end
          local session, ends = string.match(value, '^(%S+) (%d+)$')
          return session, tonumber(ends)
        end
        local function lives(session, address)
          local known, ends = host(address)
          return known == session and ends > now
        end
        local function lease(milliseconds)
          redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. string.format('%.0f', now + milliseconds))
        end

        """;

    /// <summary>ARGV 3: the lease. What hosts that are gone have left behind is removed.</summary>
    public const string Register = Hosts + """
        lease(ARGV[3])
        local hosts = redis.call('HGETALL', KEYS[1])
        for i = 1, #hosts, 2 do
          local session = host(hosts[i])
          if not lives(session, hosts[i]) then redis.call('HDEL', KEYS[1], hosts[i]) end
        end
        local owners = redis.call('HGETALL', KEYS[2])
        for i = 1, #owners, 2 do
          local session, address = string.match(owners[i + 1], '^(%S+) (.+)$')
          if not lives(session, address) then redis.call('HDEL', KEYS[2], owners[i]) end
        end
        return 1
        """;

    /// <summary>ARGV 3: the lease. Gives 1, or 0 where it was over, -1 where the session is not known.</summary>
    public const string Renew = Hosts + """
        local session, ends = host(ARGV[1])
        if session ~= ARGV[2] then return -1 end
        if ends <= now then return 0 end
        lease(ARGV[3])
        return 1
        """;

    public const string Leave = Hosts + """
        if host(ARGV[1]) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
        return 0
        """;

    /// <summary>ARGV 3: the actor. Gives its host's address, "" where who asks is none.</summary>
    public const string Place = Hosts + """
        local owner = redis.call('HGET', KEYS[2], ARGV[3])
        if owner then
          local session, address = string.match(owner, '^(%S+) (.+)$')
          if lives(session, address) then return address end
        end
        if not lives(ARGV[2], ARGV[1]) then return '' end
        redis.call('HSET', KEYS[2], ARGV[3], ARGV[2] .. ' ' .. ARGV[1])
        return ARGV[1]
        """;

    /// <summary>ARGV 3: the actor.</summary>
    public const string Release = """
        if redis.call('HGET', KEYS[2], ARGV[3]) == ARGV[2] .. ' ' .. ARGV[1] then
          return redis.call('HDEL', KEYS[2], ARGV[3])
        end
        return 0
        """;
}
