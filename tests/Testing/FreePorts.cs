using System.Net;
using System.Net.Sockets;

namespace Tutti.Testing;

/// <summary>Loopback ports nobody listens on.</summary>
/// <remarks>They lie below the range the kernel gives to outgoing connections, so that a killed process finds its own again.</remarks>
public static class FreePorts
{
    private const int First = 15_000;
    private const int Last = 31_999;

    private static readonly HashSet<int> GivenOut = [];
    private static readonly Lock Gate = new();

    /// <summary>One port, never given out twice by this process.</summary>
    public static int Next()
    {
        lock (Gate)
        {
            for (var tries = 0; tries < 1_000; tries++)
            {
                var port = Random.Shared.Next(First, Last + 1);
                if (!GivenOut.Contains(port) && IsFree(port))
                {
                    GivenOut.Add(port);
                    return port;
                }
            }
        }
        throw new InvalidOperationException($"No free loopback port between {First} and {Last}.");
    }

    /// <summary>Whether a listener could be opened on the loopback port now.</summary>
    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }
}
