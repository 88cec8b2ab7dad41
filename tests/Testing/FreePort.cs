using System.Net;
using System.Net.Sockets;

namespace CloudPhone.Testing;

/// <summary>
/// Ports for what must know its own before it listens. They lie below the range that outgoing connections take theirs
/// from, and none is given twice in one run, so that what restarts finds its port free.
/// </summary>
public static class FreePort
{
    const int First = 10_000, Count = 22_000;
    static int _next = Environment.ProcessId * 97 % Count;

    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // somebody else's
            }
        }
    }
}
