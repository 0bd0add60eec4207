using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;

namespace Tutti.Reduction.Reducing;

/// <summary>Which errors of a database pass by themselves: it is away or busy, the network broke, a transaction was chosen as the victim.</summary>
internal static class Away
{
    private const int Busy = 5, Locked = 6;

    /// <summary>Whether it makes sense to ask again.</summary>
    public static bool Is(Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is Busy or Locked,
        DbException { IsTransient: true } or TimeoutException or SocketException => true,
        _ => exception.InnerException is { } inner && Is(inner),
    };
}
