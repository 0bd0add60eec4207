using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tutti.ServiceDefaults;

namespace Tutti.Testing;

/// <summary>Somebody who calls a service in a test.</summary>
public sealed record Person(string Name, string Group, params string[] Roles)
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The token that Identity would give them.</summary>
    public string Token(SecurityKey key, TimeProvider time) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Authorization.Issuer,
        Audience = Authorization.Audience,
        NotBefore = time.GetUtcNow().UtcDateTime.AddDays(-3650), // the clock of a test may be ahead
        Expires = time.GetUtcNow().UtcDateTime.AddDays(3650),
        Claims = new Dictionary<string, object>
        {
            ["sub"] = Id.ToString(), ["name"] = Name, [Authorization.GroupClaim] = Group, [Authorization.RoleClaim] = Roles,
        },
        SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
    });
}
