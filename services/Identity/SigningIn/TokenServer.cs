using System.Net;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using Authorization = Tutti.ServiceDefaults.Authorization;
using Errors = OpenIddict.Abstractions.OpenIddictConstants.Errors;

namespace Tutti.Identity.SigningIn;

/// <summary>
/// The token endpoint, discovery and keys, by OpenIddict. Access tokens are signed JWTs that every service checks by itself; what the
/// database keeps are the refresh tokens, so that one used twice ends its whole chain.
/// </summary>
internal static class TokenServer
{
    /// <summary>The public client: Tutti's own programs and pages.</summary>
    internal const string Client = "tutti";

    /// <summary>How long an access token is good.</summary>
    internal static TimeSpan AccessTokenLifetime { get; } = TimeSpan.FromHours(1);

    internal static void AddTokenServer(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        builder.Logging.AddFilter("OpenIddict", LogLevel.Warning);
        var signingKey = Authorization.ReadSigningKey(configuration);
        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<IdentityDb>().ReplaceDefaultEntities<Guid>())
            .AddServer(server =>
            {
                server.SetIssuer(new Uri(configuration["Tutti:Identity:Issuer"] ?? Authorization.Issuer));
                server.SetTokenEndpointUris("/connect/token");
                server.SetConfigurationEndpointUris("/.well-known/openid-configuration");
                server.SetJsonWebKeySetEndpointUris("/.well-known/jwks");
                server.AllowPasswordFlow().AllowRefreshTokenFlow();
                server.SetAccessTokenLifetime(AccessTokenLifetime).SetRefreshTokenLifetime(TimeSpan.FromDays(14));
                server.AddSigningKey(signingKey).AddEncryptionKey(Authorization.ReadEncryptionKey(configuration));
                server.DisableAccessTokenEncryption();
                server.RegisterClaims(Claims.Name, Authorization.GroupClaim, Authorization.RoleClaim);
                server.UseAspNetCore().EnableTokenEndpointPassthrough().DisableTransportSecurityRequirement();
                if (!IsBehindGateway(configuration)) server.AddEventHandler(RefusePlainHttpFromElsewhere);
                server.AddEventHandler(RefuseUnreadableForms);
                server.AddEventHandler(KeepNoRowOfAccessTokens);
            });
        // Its own tokens it checks with its own key, whatever authority the other services ask.
        builder.Services.Configure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
        {
            options.Authority = null;
            options.TokenValidationParameters.IssuerSigningKey = signingKey;
        });
    }

    /// <summary>
    /// Whether only the gateway reaches this process over a private network (<c>Tutti:Identity:BehindGateway</c>): then plain HTTP is
    /// accepted from other machines too, and the address that the gateway names is the caller's.
    /// </summary>
    internal static bool IsBehindGateway(IConfiguration configuration) => configuration.GetValue("Tutti:Identity:BehindGateway", false);

    /// <summary>The client as OpenIddict keeps it.</summary>
    internal static OpenIddictApplicationDescriptor DescribeClient() => new()
    {
        ClientId = Client,
        ClientType = ClientTypes.Public,
        DisplayName = "Tutti",
        Permissions = { Permissions.Endpoints.Token, Permissions.GrantTypes.Password, Permissions.GrantTypes.RefreshToken },
    };

    private static OpenIddictServerHandlerDescriptor RefusePlainHttpFromElsewhere { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessRequestContext>()
            .UseInlineHandler(context =>
            {
                if (context.EndpointType is not OpenIddictServerEndpointType.Unknown && context.Transaction.GetHttpRequest() is { IsHttps: false } request
                    && request.HttpContext.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address))
                    context.Reject(Errors.InvalidRequest, "From another machine passwords and tokens travel over HTTPS only.");
                return ValueTask.CompletedTask;
            })
            .SetOrder(OpenIddictServerHandlers.InferEndpointType.Descriptor.Order + 250)
            .Build();

    /// <summary>A form that cannot be read, for example for a NUL character or a thousand fields, is the caller's error. A form once read is kept.</summary>
    private static OpenIddictServerHandlerDescriptor RefuseUnreadableForms { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ExtractTokenRequestContext>()
            .UseInlineHandler(async context =>
            {
                if (context.Transaction.GetHttpRequest() is not { HasFormContentType: true } request) return;
                try
                {
                    await request.ReadFormAsync(request.HttpContext.RequestAborted);
                }
                catch (InvalidDataException unreadable)
                {
                    context.Reject(Errors.InvalidRequest, unreadable.Message);
                }
            })
            .SetOrder(int.MinValue)
            .Build();

    private static OpenIddictServerHandlerDescriptor KeepNoRowOfAccessTokens { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<GenerateTokenContext>()
            .UseInlineHandler(context =>
            {
                if (context.TokenType == TokenTypeIdentifiers.AccessToken) context.CreateTokenEntry = false;
                return ValueTask.CompletedTask;
            })
            .SetOrder(int.MinValue)
            .Build();
}
